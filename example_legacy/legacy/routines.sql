-- BILLSYS routines, rel. 2.3
-- 12/03/2003 mh  first version
-- 07/11/2005 kp  skonto
-- 30/01/2009 mh  DO NOT CHANGE THE ROUNDING, see mail of Mrs. K. from accounting
-- 02/02/2009 ??  ok
-- 11/01/2024 rs  numbers of the handbook's rules, comments only

-- numbers without gaps. do not use a sequence here!
CREATE FUNCTION next_number(p_name text) RETURNS integer AS $$
DECLARE
    v integer;
BEGIN
    UPDATE counters SET last_no = last_no + 1 WHERE name = p_name RETURNING last_no INTO v;
    IF NOT FOUND THEN
        INSERT INTO counters (name, last_no) VALUES (p_name, 1);
        v := 1;
    END IF;
    RETURN v;
END;
$$ LANGUAGE plpgsql;

-- commercial rounding
CREATE FUNCTION round_money(p_amount numeric) RETURNS numeric AS $$
DECLARE
    v_cents numeric;
    v_rest numeric;
BEGIN
    IF p_amount IS NULL THEN
        RETURN 0.00;
    END IF;
    v_cents := floor(p_amount * 100);
    v_rest := p_amount * 100 - v_cents;
    IF v_rest > 0.5 THEN
        v_cents := v_cents + 1;
    -- rule: BILL-001 half a cent goes up
    ELSIF v_rest = 0.5 THEN
        -- half a cent goes up, credits as well (accounting wants it so)
        v_cents := v_cents + 1;
    END IF;
    RETURN (v_cents / 100)::numeric(12,2);
END;
$$ LANGUAGE plpgsql;

-- full years
CREATE FUNCTION tenure_years(p_cust_no text, p_on date) RETURNS integer AS $$
DECLARE
    v_since date;
BEGIN
    SELECT since INTO v_since FROM customer WHERE cust_no = p_cust_no;
    -- rule: BILL-002 Hansen customers count from the day of the takeover
    IF v_since IS NULL THEN
        -- Hansen customers
        v_since := DATE '1998-07-01';
    END IF;
    IF p_on < v_since THEN
        RETURN 0;
    END IF;
    RETURN extract(year FROM age(p_on, v_since));
END;
$$ LANGUAGE plpgsql;

CREATE FUNCTION tax_rate(p_tax_code text, p_on date) RETURNS numeric AS $$
BEGIN
    CASE trim(p_tax_code)
        WHEN 'Z' THEN
            RETURN 0;
        WHEN 'R' THEN
            RETURN 7;
        ELSE
            -- second half of 2020, can be removed   (kp: NO! credit notes!)
            -- rule: BILL-003 less tax in the second half of 2020
            IF p_on BETWEEN DATE '2020-07-01' AND DATE '2020-12-31' THEN
                RETURN 16;
            END IF;
            RETURN 19;
    END CASE;
END;
$$ LANGUAGE plpgsql;

-- ledger
CREATE FUNCTION book(p_on date, p_account text, p_cust_no text, p_inv_no integer, p_side text,
                     p_amount numeric, p_text text) RETURNS void AS $$
BEGIN
    INSERT INTO ledger (entry_no, booked, account, cust_no, inv_no, side, amount, text)
    VALUES (next_number('LEDGER'), p_on, p_account, p_cust_no, p_inv_no, p_side, p_amount, p_text);
END;
$$ LANGUAGE plpgsql;

-- what has the customer to pay on that day
CREATE FUNCTION invoice_total(p_inv_no integer, p_on date) RETURNS numeric AS $$
DECLARE
    i invoice%ROWTYPE;
    c customer%ROWTYPE;
    l record;
    v_line numeric;
    v_net numeric := 0;
    v_tax numeric := 0;
    v_tenure integer;
    v_age integer;
    v_pct numeric := 0;
    v_discount numeric := 0;
BEGIN
    SELECT * INTO i FROM invoice WHERE inv_no = p_inv_no;
    IF NOT FOUND THEN
        RETURN NULL;
    END IF;
    IF i.status = 'C' THEN
        RETURN 0.00;
    END IF;
    SELECT * INTO c FROM customer WHERE cust_no = i.cust_no;

    FOR l IN SELECT x.qty, x.price, p.tax_code
               FROM invoice_line x JOIN product p ON p.code = x.code
              WHERE x.inv_no = p_inv_no ORDER BY x.line_no LOOP
        v_line := round_money(l.qty * l.price);
        v_net := v_net + v_line;
        v_tax := v_tax + v_line * tax_rate(l.tax_code, i.issued) / 100;
    END LOOP;

    -- discount for old customers
    v_tenure := tenure_years(i.cust_no, p_on);
    -- rule: BILL-007 discount for customers of ten years
    IF v_tenure >= 10 THEN
        v_pct := 8;
    -- rule: BILL-008 the discount begins with the fifth anniversary
    ELSIF v_tenure >= 5 THEN
        v_pct := 5;
    ELSIF c.vip = 'Y' THEN
        v_pct := 3;
    END IF;

    -- 30 days   (kp: is 60 now)
    v_age := p_on - i.issued;
    -- rule: BILL-009 no discount on old invoices
    IF v_age > 60 THEN
        v_pct := 0;
    ELSIF v_age <= 10 AND c.active = 'Y' THEN
        v_pct := v_pct + 2;
    END IF;

    IF v_pct > 0 AND v_net >= 50 THEN
        v_discount := round_money(v_net * v_pct / 100);
        v_tax := v_tax * (100 - v_pct) / 100;
        PERFORM book(p_on, '4730', i.cust_no, p_inv_no, 'D', v_discount, 'Discount ' || v_pct || '%');
    END IF;
    RETURN v_net - v_discount + round_money(v_tax);
END;
$$ LANGUAGE plpgsql;

-- without discount! for the dunning and the credit limit
CREATE FUNCTION open_amount(p_inv_no integer) RETURNS numeric AS $$
DECLARE
    i invoice%ROWTYPE;
    v_gross numeric;
    v_paid numeric;
BEGIN
    SELECT * INTO i FROM invoice WHERE inv_no = p_inv_no;
    IF NOT FOUND OR i.status <> 'O' THEN
        RETURN 0.00;
    END IF;
    SELECT coalesce(sum(round_money(round_money(x.qty * x.price) * (100 + tax_rate(p.tax_code, i.issued)) / 100)), 0)
      INTO v_gross
      FROM invoice_line x JOIN product p ON p.code = x.code
     WHERE x.inv_no = p_inv_no;
    SELECT coalesce(sum(amount), 0) INTO v_paid FROM payment WHERE inv_no = p_inv_no;
    IF v_gross <= v_paid THEN
        RETURN 0.00;
    END IF;
    RETURN v_gross - v_paid;
END;
$$ LANGUAGE plpgsql;

-- Y/N was not enough
CREATE FUNCTION release_order(p_cust_no text, p_amount numeric, p_on date) RETURNS char(8) AS $$
DECLARE
    c customer%ROWTYPE;
    v_limit numeric;
    v_open numeric;
BEGIN
    SELECT * INTO c FROM customer WHERE cust_no = p_cust_no;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'unknown customer %', p_cust_no USING ERRCODE = 'no_data_found';
    END IF;
    IF c.active = 'N' THEN
        RETURN 'BLOCKED';
    END IF;
    v_limit := c.credit_limit;
    -- rule: CRED-001 without an agreed limit it is the standard one
    IF v_limit IS NULL THEN
        -- was 400 (DM 800) until 2011
        v_limit := 500;
    END IF;
    IF tenure_years(p_cust_no, p_on) >= 10 THEN
        v_limit := v_limit * 1.2;
    END IF;
    SELECT coalesce(sum(open_amount(inv_no)), 0) INTO v_open FROM invoice WHERE cust_no = p_cust_no;
    IF v_open + p_amount > v_limit THEN
        -- rule: CRED-002 a colleague decides on VIPs a little over the limit
        IF c.vip = 'Y' AND v_open + p_amount <= v_limit * 1.1 THEN
            INSERT INTO credit_log (cust_no, amount, answer) VALUES (p_cust_no, p_amount, 'MANUAL');
            RETURN 'MANUAL';
        END IF;
        RAISE EXCEPTION 'credit limit exceeded by %', round_money(v_open + p_amount - v_limit);
    END IF;
    INSERT INTO credit_log (cust_no, amount, answer) VALUES (p_cust_no, p_amount, 'OK');
    RETURN 'OK';
END;
$$ LANGUAGE plpgsql;

-- 0 nothing, 1 reminder, 2 dunning, 3 last dunning, 9 lawyer
CREATE FUNCTION dunning_level(p_inv_no integer, p_on date) RETURNS integer AS $$
DECLARE
    i invoice%ROWTYPE;
    v_stop char(1);
    v_open numeric;
    v_due date;
    v_days integer;
BEGIN
    SELECT * INTO i FROM invoice WHERE inv_no = p_inv_no;
    IF NOT FOUND THEN
        RETURN NULL;
    END IF;
    v_open := open_amount(p_inv_no);
    IF v_open = 0 THEN
        RETURN 0;
    END IF;
    SELECT dunning_stop INTO v_stop FROM customer WHERE cust_no = i.cust_no;
    -- rule: DUN-001 no letters after a dunning stop
    IF v_stop = 'Y' THEN
        RETURN 0;
    END IF;
    -- bank holidays are not in here
    v_due := i.due;
    WHILE extract(isodow FROM v_due) > 5 LOOP
        v_due := v_due + 1;
    END LOOP;
    v_days := p_on - v_due;
    IF v_days <= 3 THEN
        RETURN 0;
    ELSIF v_days <= 14 OR v_open < 5 THEN
        RETURN 1;
    ELSIF v_days <= 28 THEN
        RETURN 2;
    ELSIF v_days <= 42 OR v_open < 50 THEN
        RETURN 3;
    END IF;
    RETURN 9;
END;
$$ LANGUAGE plpgsql;

CREATE FUNCTION late_fee(p_inv_no integer, p_on date) RETURNS numeric AS $$
DECLARE
    v_fee numeric;
BEGIN
    CASE dunning_level(p_inv_no, p_on)
        WHEN 0, 1 THEN
            v_fee := 0;
        WHEN 2 THEN
            v_fee := 2.5;
        WHEN 3 THEN
            v_fee := greatest(5, open_amount(p_inv_no) * 0.01);
        WHEN 9 THEN
            v_fee := least(40, greatest(10, open_amount(p_inv_no) * 0.025));
    END CASE;
    RETURN round_money(v_fee);
EXCEPTION
    WHEN case_not_found THEN
        -- invoice deleted in the meantime, happens on fridays
        RETURN 0;
END;
$$ LANGUAGE plpgsql;

-- returns OK, PART, OVER, NOINV, CLOSED or ERR
CREATE FUNCTION post_payment(p_inv_no integer, p_amount numeric, p_on date, p_method text) RETURNS text AS $$
DECLARE
    i invoice%ROWTYPE;
    v_open numeric;
    v_rest numeric;
    v_cash text;
BEGIN
    SELECT * INTO STRICT i FROM invoice WHERE inv_no = p_inv_no;
    IF i.status <> 'O' THEN
        RETURN 'CLOSED';
    END IF;
    v_open := open_amount(p_inv_no);
    INSERT INTO payment (pay_no, inv_no, paid_on, amount, method)
    VALUES (next_number('PAYMENT'), p_inv_no, p_on, p_amount, p_method);
    CASE p_method
        WHEN 'CSH' THEN v_cash := '1000';
        WHEN 'CRD' THEN v_cash := '1360';
        ELSE v_cash := '1200';
    END CASE;
    PERFORM book(p_on, v_cash, i.cust_no, p_inv_no, 'D', p_amount, 'Payment');
    v_rest := v_open - p_amount;
    IF v_rest > 0.05 THEN
        PERFORM book(p_on, '1400', i.cust_no, p_inv_no, 'C', p_amount, 'Part payment');
        RETURN 'PART';
    END IF;
    PERFORM book(p_on, '1400', i.cust_no, p_inv_no, 'C', v_open, 'Invoice settled');
    -- rule: PAY-001 small differences are written off
    IF v_rest > 0 THEN
        -- we do not chase cents
        PERFORM book(p_on, '2400', i.cust_no, p_inv_no, 'D', v_rest, 'Small difference');
    END IF;
    UPDATE invoice SET status = 'P', paid_on = p_on WHERE inv_no = p_inv_no;
    IF v_rest < 0 THEN
        PERFORM book(p_on, '1718', i.cust_no, p_inv_no, 'C', -v_rest, 'Overpaid');
        RETURN 'OVER';
    END IF;
    RETURN 'OK';
EXCEPTION
    WHEN no_data_found THEN
        RETURN 'NOINV';
    WHEN OTHERS THEN
        -- the terminal must not crash
        RETURN 'ERR';
END;
$$ LANGUAGE plpgsql;

CREATE FUNCTION account_statement(p_cust_no text, p_from date, p_to date)
RETURNS TABLE (booked date, text varchar, debit numeric, credit numeric, balance numeric) AS $$
DECLARE
    l ledger%ROWTYPE;
BEGIN
    SELECT coalesce(sum(CASE WHEN x.side = 'D' THEN x.amount ELSE -x.amount END), 0.00) INTO balance
      FROM ledger x WHERE x.cust_no = p_cust_no AND x.account = '1400' AND x.booked < p_from;
    IF balance <> 0 THEN
        booked := p_from;
        text := 'Brought forward';
        RETURN NEXT;
    END IF;
    FOR l IN SELECT * FROM ledger x
              WHERE x.cust_no = p_cust_no AND x.account = '1400' AND x.booked BETWEEN p_from AND p_to
              ORDER BY x.booked, x.side DESC, x.entry_no LOOP
        booked := l.booked;
        text := coalesce(l.text, '-');
        debit := NULL;
        credit := NULL;
        IF l.side = 'D' THEN
            debit := l.amount;
            balance := balance + l.amount;
        ELSE
            credit := l.amount;
            balance := balance - l.amount;
        END IF;
        RETURN NEXT;
    END LOOP;
END;
$$ LANGUAGE plpgsql;

-- for the terminal: one line
CREATE PROCEDURE customer_card(IN p_cust_no text, IN p_on date, OUT o_line text, OUT o_open numeric,
                               OUT o_overdue integer, OUT o_rating char(2)) AS $$
DECLARE
    c customer%ROWTYPE;
    v_worst integer;
BEGIN
    SELECT * INTO c FROM customer WHERE cust_no = p_cust_no;
    IF NOT FOUND THEN
        o_line := '*** ' || p_cust_no || ' ***';
        o_open := 0.00;
        o_overdue := 0;
        RETURN;
    END IF;
    o_line := upper(c.name) || coalesce(', ' || c.city, '');
    SELECT coalesce(sum(open_amount(inv_no)), 0.00), count(*) FILTER (WHERE due < p_on AND status = 'O'),
           coalesce(max(dunning_level(inv_no, p_on)), 0)
      INTO o_open, o_overdue, v_worst
      FROM invoice WHERE cust_no = p_cust_no;
    IF c.active = 'N' THEN
        o_rating := 'X';
    ELSIF v_worst >= 3 THEN
        o_rating := 'C';
    ELSIF v_worst > 0 OR o_open > coalesce(c.credit_limit, 500) THEN
        o_rating := 'B';
    ELSE
        o_rating := 'A';
        IF c.vip = 'Y' THEN
            o_rating := 'A+';
        END IF;
    END IF;
END;
$$ LANGUAGE plpgsql;

-- bank money: until 18:00 it is today. our time, not Greenwich!
CREATE FUNCTION value_date(p_received timestamptz, p_method text) RETURNS date AS $$
DECLARE
    v_local timestamp := p_received AT TIME ZONE 'Europe/Berlin';
    v_day date := v_local::date;
BEGIN
    IF p_method = 'CSH' THEN
        RETURN v_day;
    END IF;
    -- rule: PAY-002 what comes after 18:00 counts tomorrow
    IF v_local::time >= TIME '18:00' THEN
        v_day := v_day + 1;
    END IF;
    WHILE extract(isodow FROM v_day) > 5 LOOP
        v_day := v_day + 1;
    END LOOP;
    IF p_method = 'CRD' THEN
        -- the card company takes two days, weekend or not
        v_day := v_day + 2;
    END IF;
    RETURN v_day;
END;
$$ LANGUAGE plpgsql;

-- window envelopes. kind: L letter, R registered
CREATE FUNCTION address_label(p_cust_no text, p_kind text, OUT o_head text, OUT o_name text, OUT o_street text,
                              OUT o_place text) AS $$
DECLARE
    c customer%ROWTYPE;
BEGIN
    SELECT * INTO c FROM customer WHERE cust_no = p_cust_no;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'unknown customer %', p_cust_no USING ERRCODE = 'no_data_found';
    END IF;
    o_head := '';
    IF p_kind = 'R' THEN
        o_head := 'REGISTERED';
    END IF;
    o_name := c.name;
    IF c.name ~ '(GmbH|OHG|Nachf\.)' THEN
        o_head := trim(o_head || ' Messrs');
    END IF;
    -- rule: DUN-003 an envelope's street line is never NULL
    IF c.street IS NULL THEN
        -- never NULL, the printer stops
        o_street := '';
    ELSE
        o_street := c.street;
    END IF;
    o_place := trim(c.zip) || ' ' || c.city;
END;
$$ LANGUAGE plpgsql;

-- who owes us how much for how long. region '*' is all of them
-- those with a dunning stop come last, nobody calls them
CREATE FUNCTION aging_report(p_on date, p_region text) RETURNS refcursor AS $$
DECLARE
    v_report refcursor := 'aging';
BEGIN
    IF p_region <> '*' AND NOT EXISTS (SELECT 1 FROM customer WHERE region = p_region) THEN
        RAISE EXCEPTION 'unknown region %', p_region USING ERRCODE = 'invalid_parameter_value';
    END IF;
    OPEN v_report FOR
        SELECT c.cust_no, c.name,
               sum(CASE WHEN i.due >= p_on THEN open_amount(i.inv_no) ELSE 0.00 END) AS not_due,
               sum(CASE WHEN p_on - i.due BETWEEN 1 AND 30 THEN open_amount(i.inv_no) ELSE 0.00 END) AS days_30,
               sum(CASE WHEN p_on - i.due > 30 THEN open_amount(i.inv_no) ELSE 0.00 END) AS older,
               sum(open_amount(i.inv_no)) AS total
          FROM customer c JOIN invoice i ON i.cust_no = c.cust_no
         WHERE i.status = 'O' AND i.issued <= p_on AND (p_region = '*' OR c.region = p_region)
         GROUP BY c.cust_no, c.name, c.dunning_stop
         -- rule: REP-001 those with a dunning stop come last
         ORDER BY CASE WHEN c.dunning_stop = 'Y' THEN 1 ELSE 0 END, sum(open_amount(i.inv_no)) DESC, c.cust_no;
    RETURN v_report;
END;
$$ LANGUAGE plpgsql;

-- every Tuesday. returns how many letters
CREATE FUNCTION dunning_run(p_on date, p_region text) RETURNS integer AS $$
DECLARE
    r record;
    v_level integer;
    v_last integer;
    v_fee numeric;
    v_letters integer := 0;
BEGIN
    IF extract(isodow FROM p_on) > 5 THEN
        RETURN 0;
    END IF;
    FOR r IN SELECT i.inv_no, i.cust_no, c.email, c.vip
               FROM invoice i JOIN customer c ON c.cust_no = i.cust_no
              WHERE i.status = 'O' AND (p_region = '*' OR c.region = p_region)
              ORDER BY i.cust_no, i.inv_no LOOP
        v_level := dunning_level(r.inv_no, p_on);
        CONTINUE WHEN v_level = 0;
        SELECT max(level) INTO v_last FROM dunning_letter WHERE inv_no = r.inv_no;
        -- rule: DUN-002 nobody gets the second letter first
        IF v_last IS NULL AND v_level > 1 THEN
            -- nobody gets the second letter first (court of Kiel, 2007)
            v_level := 1;
        ELSIF v_last >= v_level THEN
            CONTINUE;
        END IF;
        v_fee := CASE WHEN v_level = 1 THEN 0 ELSE late_fee(r.inv_no, p_on) END;
        IF r.vip = 'Y' AND v_level < 3 THEN
            v_fee := 0;
        END IF;
        INSERT INTO dunning_letter (inv_no, level, printed, fee, sent_by)
        VALUES (r.inv_no, v_level, p_on, v_fee, CASE WHEN r.email IS NULL OR v_level > 1 THEN 'P' ELSE 'E' END);
        IF v_fee > 0 THEN
            PERFORM book(p_on, '1400', r.cust_no, r.inv_no, 'D', v_fee, 'Dunning fee');
            PERFORM book(p_on, '4890', r.cust_no, r.inv_no, 'C', v_fee, 'Dunning fee');
        END IF;
        v_letters := v_letters + 1;
    END LOOP;
    RETURN v_letters;
END;
$$ LANGUAGE plpgsql;

-- mode: T trial, F final, X final although an earlier month is open (boss only)
CREATE FUNCTION month_close(p_year integer, p_month integer, p_mode text) RETURNS text AS $$
DECLARE
    i record;
    v_first date;
    v_last date;
    v_next date;
    v_open numeric;
    v_entries integer;
    v_debit numeric;
    v_credit numeric;
    v_off integer := 0;
BEGIN
    IF p_month NOT BETWEEN 1 AND 12 THEN
        RAISE EXCEPTION 'there is no month %', p_month USING ERRCODE = 'invalid_parameter_value';
    END IF;
    -- rule: CLOSE-001 a month is closed once
    IF EXISTS (SELECT 1 FROM period WHERE year = p_year AND month = p_month) THEN
        RAISE EXCEPTION 'month %/% is closed', p_month, p_year USING ERRCODE = 'object_not_in_prerequisite_state';
    END IF;
    v_first := make_date(p_year, p_month, 1);
    v_last := v_first + interval '1 month' - interval '1 day';
    SELECT max(make_date(year, month, 1) + interval '1 month') INTO v_next FROM period;
    IF v_next IS NULL THEN
        -- very first month. will not happen again
        v_next := v_first;
    END IF;
    IF v_first > v_next AND p_mode <> 'X' THEN
        RAISE EXCEPTION 'an earlier month is open' USING ERRCODE = 'object_not_in_prerequisite_state';
    END IF;
    IF p_mode <> 'T' THEN
        -- old trifles
        FOR i IN SELECT * FROM invoice WHERE status = 'O' AND issued < v_last - 90 ORDER BY inv_no LOOP
            v_open := open_amount(i.inv_no);
            -- rule: CLOSE-002 old trifles are written off
            CONTINUE WHEN v_open = 0 OR v_open >= 5;
            PERFORM book(v_last, '2400', i.cust_no, i.inv_no, 'D', v_open, 'Written off');
            PERFORM book(v_last, '1400', i.cust_no, i.inv_no, 'C', v_open, 'Written off');
            UPDATE invoice SET status = 'P', paid_on = v_last WHERE inv_no = i.inv_no;
            v_off := v_off + 1;
        END LOOP;
    END IF;
    SELECT count(*), coalesce(sum(CASE WHEN side = 'D' THEN amount END), 0.00),
           coalesce(sum(CASE WHEN side = 'C' THEN amount END), 0.00)
      INTO v_entries, v_debit, v_credit
      FROM ledger WHERE booked BETWEEN v_first AND v_last AND account = '1400';
    IF p_mode = 'T' THEN
        RETURN 'TRIAL ' || v_entries || ' entries, balance ' || v_debit - v_credit;
    END IF;
    INSERT INTO period (year, month, closed, entries, debit, credit)
    VALUES (p_year, p_month, v_last, v_entries, v_debit, v_credit);
    IF v_entries = 0 THEN
        RETURN 'EMPTY';
    ELSIF v_off > 0 THEN
        RETURN 'CLOSED, ' || v_off || ' written off';
    END IF;
    RETURN 'CLOSED';
END;
$$ LANGUAGE plpgsql;
