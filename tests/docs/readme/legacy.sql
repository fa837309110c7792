CREATE FUNCTION invoice_total(customer_id integer, "on" date) RETURNS numeric LANGUAGE plpgsql AS $$
BEGIN
    IF "on" < DATE '2024-07-01' THEN
        RETURN customer_id * 10 * 0.95;
    END IF;
    RETURN customer_id * 10;
END $$;
