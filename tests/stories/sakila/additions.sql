-- What the fetched routines need that their PostgreSQL does not have, and a routine that fires their trigger.

-- get_customer_balance was carried over from MySQL with its IF(), which nobody brought along: without it, it fails.
DO $do$
BEGIN
    IF position('IF(' IN upper(pg_get_functiondef('get_customer_balance'::regproc))) > 0 THEN
        CREATE FUNCTION if(boolean, interval, integer) RETURNS integer LANGUAGE sql IMMUTABLE AS $$
            SELECT CASE WHEN $1 THEN extract(day FROM $2)::integer ELSE $3 END
        $$;
    END IF;
END $do$;

CREATE FUNCTION give_back(p_rental_id integer, p_at timestamp) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
    UPDATE rental SET return_date = p_at WHERE rental_id = p_rental_id AND return_date IS NULL;
    RETURN FOUND;
END $$;

-- The report is about the third month before the present one: every July payment is made once more there.
INSERT INTO payment (customer_id, staff_id, rental_id, amount, payment_date)
SELECT customer_id, staff_id, rental_id, amount,
    payment_date - timestamp '2005-07-01' + date_trunc('month', CURRENT_DATE::timestamp - interval '3 month')
FROM payment WHERE payment_date >= '2005-07-01' AND payment_date < '2005-07-29';
