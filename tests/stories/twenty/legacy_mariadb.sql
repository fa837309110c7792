-- The old depot's rules in MariaDB's language. legacy_postgresql.sql has the same rules in PL/pgSQL.
CREATE TABLE customer (
    id INT PRIMARY KEY, name VARCHAR(40) NOT NULL, country CHAR(2) NOT NULL, active CHAR(1) NOT NULL,
    credit DECIMAL(10,2) NOT NULL, since DATE NOT NULL, parent INT
);
CREATE TABLE part (
    code CHAR(6) PRIMARY KEY, title VARCHAR(40) NOT NULL, price DECIMAL(8,2) NOT NULL, stock INT NOT NULL,
    weight DOUBLE NOT NULL, retired CHAR(1) NOT NULL
);
CREATE TABLE sale (
    id INT AUTO_INCREMENT PRIMARY KEY, customer INT NOT NULL, code CHAR(6) NOT NULL,
    quantity INT NOT NULL, total DECIMAL(10,2) NOT NULL, sold_on DATE NOT NULL,
    FOREIGN KEY (customer) REFERENCES customer (id) ON DELETE CASCADE
);
CREATE TABLE journal (what VARCHAR(60) NOT NULL, amount DECIMAL(10,2), sale INT);
CREATE TABLE bin (label CHAR(5) PRIMARY KEY, code CHAR(6) NOT NULL, pieces INT NOT NULL);
CREATE TABLE specimen (
    id INT PRIMARY KEY, small SMALLINT, big BIGINT, amount DECIMAL(12,4), ratio DOUBLE, flag BOOLEAN,
    fixed CHAR(5), label VARCHAR(40), day DATE, moment DATETIME(6), clock TIME, document JSON
);

-- Decimals: half a cent goes away from zero, also below it.
CREATE FUNCTION net_price(p_gross DECIMAL(12,4), p_percent DECIMAL(5,2)) RETURNS DECIMAL(10,2) DETERMINISTIC
BEGIN
    IF p_percent IS NULL THEN
        RETURN NULL;
    ELSEIF p_percent >= 20 THEN
        RETURN ROUND(p_gross * 0.78, 2);
    END IF;
    RETURN ROUND(p_gross - p_gross * p_percent / 100, 2);
END;

-- Every ordinary type, and null of each.
CREATE PROCEDURE specimens(IN p_from INT)
    SELECT * FROM specimen WHERE id >= p_from ORDER BY id;

-- Binary and a truth value, in and out.
CREATE FUNCTION fingerprint(p_data VARBINARY(100), p_upper BOOLEAN) RETURNS VARBINARY(16) DETERMINISTIC
    RETURN CASE WHEN p_upper THEN UNHEX(MD5(p_data)) ELSE LEFT(UNHEX(MD5(p_data)), 4) END;

-- Texts: blanks, case, padding, and a null that takes everything with it.
CREATE FUNCTION customer_label(p_name VARCHAR(40), p_country VARCHAR(5)) RETURNS VARCHAR(60) DETERMINISTIC
BEGIN
    IF p_country IS NULL THEN
        RETURN NULL;
    END IF;
    RETURN CONCAT(LPAD(UPPER(p_country), 3, '_'), RPAD(REPLACE(TRIM(LEFT(p_name, 12)), '&', '+'), 10, ' '), ']');
END;

-- Dates: terms of 31 days and more end with the month, and nothing is due at a weekend.
CREATE FUNCTION due_date(p_day DATE, p_terms INT) RETURNS DATE DETERMINISTIC
BEGIN
    DECLARE v_due DATE DEFAULT p_day + INTERVAL p_terms DAY;
    IF p_terms > 30 THEN
        SET v_due = LAST_DAY(v_due);
    END IF;
    CASE WEEKDAY(v_due)
        WHEN 5 THEN SET v_due = v_due + INTERVAL 2 DAY;
        WHEN 6 THEN SET v_due = v_due + INTERVAL 1 DAY;
        ELSE BEGIN END;
    END CASE;
    RETURN v_due;
END;

-- JSON.
CREATE FUNCTION customer_document(p_id INT, p_on DATE) RETURNS JSON READS SQL DATA
BEGIN
    DECLARE v_name VARCHAR(40);
    DECLARE v_active CHAR(1);
    DECLARE v_since DATE;
    DECLARE v_months INT;
    DECLARE EXIT HANDLER FOR NOT FOUND RETURN NULL;
    SELECT name, active, since INTO v_name, v_active, v_since FROM customer WHERE id = p_id;
    SET v_months = TIMESTAMPDIFF(MONTH, v_since, p_on);
    RETURN JSON_OBJECT('name', v_name, 'active', JSON_EXTRACT(IF(v_active = 'Y', 'true', 'false'), '$'),
        'months', v_months + 0, 'grade', IF(v_months >= 60, 'gold', 'new'));
END;

-- OUT and INOUT.
CREATE PROCEDURE credit_left(IN p_customer INT, INOUT p_amount DECIMAL(10,2), OUT p_left DECIMAL(10,2), OUT p_blocked BOOLEAN)
BEGIN
    DECLARE v_active CHAR(1);
    SELECT credit, active INTO p_left, v_active FROM customer WHERE id = p_customer;
    SET p_amount = COALESCE(p_amount, 10.00);
    SET p_left = p_left - p_amount;
    SET p_blocked = v_active = 'N' OR p_left < 0;
END;

-- Order and limit.
CREATE PROCEDURE dearest_parts(IN p_limit INT)
    SELECT code, price, stock FROM part WHERE retired = 'N' ORDER BY price DESC, code LIMIT p_limit;

-- Several result sets.
CREATE PROCEDURE account_statement(IN p_customer INT)
BEGIN
    SELECT name, country FROM customer WHERE id = p_customer;
    SELECT code, quantity, total, sold_on FROM sale WHERE customer = p_customer ORDER BY sold_on DESC;
    SELECT COUNT(*) AS sales, COALESCE(SUM(total), 0.00) AS owed FROM sale WHERE customer = p_customer;
END;

-- Warnings.
CREATE PROCEDURE reserve(IN p_code CHAR(6), IN p_quantity INT, OUT p_reserved INT)
BEGIN
    DECLARE v_stock INT;
    DECLARE v_text VARCHAR(60);
    SELECT stock INTO v_stock FROM part WHERE code = p_code;
    SET p_reserved = LEAST(p_quantity, v_stock);
    IF p_reserved = 0 THEN
        SIGNAL SQLSTATE '01000' SET MESSAGE_TEXT = 'nothing reserved';
    ELSEIF p_reserved < p_quantity THEN
        SET v_text = CONCAT('only ', p_reserved, ' reserved');
        SIGNAL SQLSTATE '01000' SET MESSAGE_TEXT = v_text;
    END IF;
END;

-- Errors of its own.
CREATE PROCEDURE check_order(IN p_customer INT, IN p_quantity INT, OUT p_ok BOOLEAN)
BEGIN
    DECLARE v_active CHAR(1);
    DECLARE v_text VARCHAR(60);
    DECLARE EXIT HANDLER FOR NOT FOUND SIGNAL SQLSTATE '45010' SET MESSAGE_TEXT = 'no such customer';
    SELECT active INTO v_active FROM customer WHERE id = p_customer;
    IF v_active = 'N' THEN
        SET v_text = CONCAT('customer ', p_customer, ' is blocked');
        SIGNAL SQLSTATE '45011' SET MESSAGE_TEXT = v_text;
    ELSEIF p_quantity NOT BETWEEN 1 AND 100 THEN
        SIGNAL SQLSTATE '45012' SET MESSAGE_TEXT = 'quantity out of range';
    END IF;
    SET p_ok = TRUE;
END;

-- A handler that leaves.
CREATE PROCEDURE unit_price(IN p_total DECIMAL(10,2), IN p_pieces INT, OUT p_price DECIMAL(10,4), OUT p_state VARCHAR(10))
BEGIN
    DECLARE EXIT HANDLER FOR SQLSTATE '22012'
    BEGIN
        SET p_price = NULL;
        SET p_state = 'none';
    END;
    SET p_state = 'exact';
    IF p_pieces = 0 THEN
        SIGNAL SQLSTATE '22012';
    END IF;
    SET p_price = ROUND(p_total / p_pieces, 4);
    IF p_price * p_pieces <> p_total THEN
        SET p_state = 'rounded';
    END IF;
END;

-- A cursor and a loop.
CREATE PROCEDURE stock_list(IN p_enough INT, OUT p_text VARCHAR(200), OUT p_value DECIMAL(12,2))
BEGIN
    DECLARE v_done BOOLEAN DEFAULT FALSE;
    DECLARE v_code CHAR(6);
    DECLARE v_price DECIMAL(8,2);
    DECLARE v_stock INT;
    DECLARE parts CURSOR FOR SELECT code, price, stock FROM part ORDER BY code;
    DECLARE CONTINUE HANDLER FOR NOT FOUND SET v_done = TRUE;
    SET p_text = '', p_value = 0;
    OPEN parts;
    each_part: LOOP
        FETCH parts INTO v_code, v_price, v_stock;
        IF v_done THEN
            LEAVE each_part;
        END IF;
        IF v_stock = 0 THEN
            ITERATE each_part;
        END IF;
        SET p_text = CONCAT(p_text, v_code, IF(v_stock < p_enough, '!', ''), ';');
        SET p_value = p_value + v_price * v_stock;
        IF p_value > 900 THEN
            LEAVE each_part;
        END IF;
    END LOOP;
    CLOSE parts;
END;

-- Effects on several tables, one with generated keys.
CREATE PROCEDURE sell(IN p_customer INT, IN p_code CHAR(6), IN p_quantity INT, IN p_on DATE, OUT p_total DECIMAL(10,2))
BEGIN
    DECLARE v_price DECIMAL(8,2);
    DECLARE v_stock INT;
    DECLARE v_sale INT;
    SELECT price, stock INTO v_price, v_stock FROM part WHERE code = p_code;
    IF v_stock < p_quantity THEN
        SIGNAL SQLSTATE '45020' SET MESSAGE_TEXT = 'out of stock';
    END IF;
    SET p_total = v_price * p_quantity;
    IF p_quantity >= 10 THEN
        SET p_total = ROUND(p_total * 0.95, 2);
    END IF;
    INSERT INTO sale (customer, code, quantity, total, sold_on) VALUES (p_customer, p_code, p_quantity, p_total, p_on);
    SET v_sale = LAST_INSERT_ID();
    UPDATE part SET stock = stock - p_quantity WHERE code = p_code;
    INSERT INTO journal VALUES (CONCAT('sale ', p_code), p_total, v_sale);
END;

-- Insert or update.
CREATE PROCEDURE put_in_bin(IN p_label CHAR(5), IN p_code CHAR(6), IN p_pieces INT)
    INSERT INTO bin VALUES (p_label, p_code, p_pieces)
        ON DUPLICATE KEY UPDATE code = VALUES(code), pieces = pieces + VALUES(pieces);

-- Delete, with what hangs on it.
CREATE FUNCTION forget_customer(p_id INT) RETURNS INT MODIFIES SQL DATA
BEGIN
    DECLARE v_sales INT;
    SELECT COUNT(*) INTO v_sales FROM sale WHERE customer = p_id;
    IF v_sales > 1 THEN
        UPDATE customer SET active = 'N', credit = 0 WHERE id = p_id;
        RETURN 0;
    END IF;
    DELETE FROM customer WHERE id = p_id;
    RETURN v_sales;
END;

-- A temporary table, and many rows at once.
CREATE PROCEDURE reprice(IN p_percent DECIMAL(5,2), OUT p_changed INT)
BEGIN
    CREATE TEMPORARY TABLE wanted (code CHAR(6), price DECIMAL(8,2));
    INSERT INTO wanted SELECT code, ROUND(price * (1 + p_percent / 100), 2) FROM part WHERE retired = 'N';
    DELETE FROM wanted WHERE price > 130;
    UPDATE part JOIN wanted ON part.code = wanted.code SET part.price = wanted.price WHERE part.price <> wanted.price;
    SET p_changed = ROW_COUNT();
    DROP TEMPORARY TABLE wanted;
END;

-- A handler that takes back a part of the work, and goes on.
CREATE PROCEDURE transfer_credit(IN p_from INT, IN p_to INT, IN p_amount DECIMAL(10,2), OUT p_done BOOLEAN)
BEGIN
    BEGIN
        DECLARE EXIT HANDLER FOR SQLSTATE '45030'
        BEGIN
            ROLLBACK TO SAVEPOINT before_all;
            SET p_done = FALSE;
        END;
        SAVEPOINT before_all;
        UPDATE customer SET credit = credit + p_amount WHERE id = p_to;
        UPDATE customer SET credit = credit - p_amount WHERE id = p_from;
        IF (SELECT credit FROM customer WHERE id = p_from) < 0 THEN
            SIGNAL SQLSTATE '45030' SET MESSAGE_TEXT = 'overdrawn';
        END IF;
        SET p_done = TRUE;
    END;
    INSERT INTO journal VALUES (IF(p_done, 'moved', 'refused'), p_amount, NULL);
END;

-- Dynamic SQL.
CREATE PROCEDURE parts_by(IN p_column VARCHAR(10), IN p_least INT)
BEGIN
    IF p_column NOT IN ('title', 'price', 'stock') THEN
        SIGNAL SQLSTATE '45040' SET MESSAGE_TEXT = 'no such column';
    END IF;
    EXECUTE IMMEDIATE CONCAT('SELECT code, title FROM part WHERE stock >= ? ORDER BY `', p_column, '`, code') USING p_least;
END;

-- Recursion.
CREATE PROCEDURE owners(IN p_id INT)
    WITH RECURSIVE up (depth, id, name, parent) AS (
        SELECT 0, id, name, parent FROM customer WHERE id = p_id
        UNION ALL
        SELECT up.depth + 1, c.id, c.name, c.parent FROM customer c JOIN up ON up.parent = c.id WHERE up.depth < 5
    )
    SELECT depth, name FROM up ORDER BY depth;

-- An error of the server.
CREATE PROCEDURE new_part(IN p_code CHAR(6), IN p_title VARCHAR(40), IN p_price DECIMAL(8,2))
    INSERT INTO part VALUES (p_code, p_title, p_price, 0, 0, 'N');
