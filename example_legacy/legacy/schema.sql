-- BILLSYS tables. last full review: 2006
-- codes are CHAR because the old terminal needed fixed columns
-- flags are 'Y'/'N'. never NULL. (mostly)

CREATE TABLE customer (
    cust_no       char(8)       PRIMARY KEY,
    name          varchar(40)   NOT NULL,
    street        varchar(40),
    zip           char(8),
    city          varchar(30),
    region        char(4)       NOT NULL,
    email         varchar(60),
    since         date,                          -- empty for the ones taken over from Hansen
    credit_limit  numeric(10,2),                 -- NULL = standard
    vip           char(1)       NOT NULL DEFAULT 'N',
    active        char(1)       NOT NULL DEFAULT 'Y',
    dunning_stop  char(1)       NOT NULL DEFAULT 'N',
    note          varchar(80)
);

CREATE TABLE product (
    code      char(8)        PRIMARY KEY,
    descr     varchar(40)    NOT NULL,
    price     numeric(10,4)  NOT NULL,
    tax_code  char(2)        NOT NULL                -- 'N ' 'R ' 'Z '
);

CREATE TABLE invoice (
    inv_no    integer   PRIMARY KEY,
    cust_no   char(8)   NOT NULL REFERENCES customer,
    issued    date      NOT NULL,
    due       date      NOT NULL,
    status    char(1)   NOT NULL DEFAULT 'O',        -- Open, Paid, Cancelled
    paid_on   date,
    remark    varchar(60)
);

CREATE TABLE invoice_line (
    inv_no   integer        NOT NULL REFERENCES invoice,
    line_no  smallint       NOT NULL,
    code     char(8)        NOT NULL REFERENCES product,
    qty      numeric(9,3)   NOT NULL,
    price    numeric(10,4)  NOT NULL,                -- price of the day, not product.price!!
    PRIMARY KEY (inv_no, line_no)
);

CREATE TABLE payment (
    pay_no   integer        PRIMARY KEY,
    inv_no   integer        NOT NULL REFERENCES invoice,
    paid_on  date           NOT NULL,
    amount   numeric(10,2)  NOT NULL CHECK (amount > 0),
    method   char(3)        NOT NULL                 -- CSH, BNK, CRD
);

CREATE TABLE ledger (
    entry_no  integer        PRIMARY KEY,            -- no gaps, the auditors count them
    booked    date           NOT NULL,
    account   char(6)        NOT NULL,
    cust_no   char(8)        NOT NULL REFERENCES customer,
    inv_no    integer        REFERENCES invoice,
    side      char(1)        NOT NULL CHECK (side IN ('D', 'C')),
    amount    numeric(12,2)  NOT NULL,
    text      varchar(60)
);

CREATE TABLE credit_log (
    id       serial         PRIMARY KEY,
    cust_no  char(8)        NOT NULL,
    amount   numeric(12,2)  NOT NULL,
    answer   char(8)        NOT NULL
);

CREATE TABLE counters (
    name     char(8)   PRIMARY KEY,
    last_no  integer   NOT NULL
);

CREATE TABLE dunning_letter (
    inv_no   integer       NOT NULL REFERENCES invoice,
    level    smallint      NOT NULL,
    printed  date          NOT NULL,
    fee      numeric(8,2)  NOT NULL,
    sent_by  char(1)       NOT NULL,                 -- Post, E-mail
    PRIMARY KEY (inv_no, level)
);

CREATE TABLE period (
    year     smallint       NOT NULL,
    month    smallint       NOT NULL,
    closed   date           NOT NULL,
    entries  integer        NOT NULL,
    debit    numeric(12,2)  NOT NULL,
    credit   numeric(12,2)  NOT NULL,
    PRIMARY KEY (year, month)
);

CREATE TABLE app_user (
    login    char(8)   PRIMARY KEY,
    pw_md5   char(32)  NOT NULL
);
