-- A rental shop of the same shape as Sakila's port to PostgreSQL, with routines of the same names. Late fees follow
-- the rules as they are told there, replacement included, which Sakila itself leaves to its comment.
CREATE TABLE actor (actor_id serial PRIMARY KEY, first_name varchar(45) NOT NULL, last_name varchar(45) NOT NULL,
    last_update timestamp NOT NULL DEFAULT now());
CREATE TABLE film (film_id serial PRIMARY KEY, title varchar(255) NOT NULL, rental_duration smallint NOT NULL,
    rental_rate numeric(4,2) NOT NULL, replacement_cost numeric(5,2) NOT NULL, special_features text[],
    last_update timestamp NOT NULL DEFAULT now());
CREATE TABLE film_actor (actor_id integer REFERENCES actor, film_id integer REFERENCES film,
    last_update timestamp NOT NULL DEFAULT now(), PRIMARY KEY (actor_id, film_id));
CREATE TABLE customer (customer_id serial PRIMARY KEY, store_id integer NOT NULL, first_name varchar(45) NOT NULL,
    last_name varchar(45) NOT NULL, email varchar(50), address_id integer NOT NULL,
    activebool boolean NOT NULL DEFAULT true, create_date date NOT NULL DEFAULT CURRENT_DATE,
    last_update timestamp DEFAULT now(), active integer);
CREATE TABLE inventory (inventory_id serial PRIMARY KEY, film_id integer NOT NULL REFERENCES film,
    store_id integer NOT NULL, last_update timestamp NOT NULL DEFAULT now());
CREATE TABLE rental (rental_id serial PRIMARY KEY, rental_date timestamp NOT NULL,
    inventory_id integer NOT NULL REFERENCES inventory, customer_id integer NOT NULL REFERENCES customer,
    return_date timestamp, staff_id integer NOT NULL, last_update timestamp NOT NULL DEFAULT now());
CREATE TABLE payment (payment_id serial PRIMARY KEY, customer_id integer NOT NULL REFERENCES customer,
    staff_id integer NOT NULL, rental_id integer NOT NULL REFERENCES rental, amount numeric(5,2) NOT NULL,
    payment_date timestamp NOT NULL);

CREATE FUNCTION last_updated() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.last_update := CURRENT_TIMESTAMP;
    RETURN NEW;
END $$;
CREATE TRIGGER last_updated BEFORE UPDATE ON rental FOR EACH ROW EXECUTE FUNCTION last_updated();

CREATE FUNCTION _group_concat(text, text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT concat_ws(', ', $1, $2)
$$;
CREATE AGGREGATE group_concat(text) (SFUNC = _group_concat, STYPE = text);

CREATE FUNCTION last_day(timestamp) RETURNS date LANGUAGE sql IMMUTABLE STRICT AS $$
    SELECT (date_trunc('month', $1) + interval '1 month' - interval '1 day')::date
$$;

CREATE FUNCTION inventory_in_stock(p_inventory_id integer) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM rental WHERE inventory_id = p_inventory_id AND return_date IS NULL) THEN
        RETURN false;
    END IF;
    RETURN true;
END $$;

CREATE FUNCTION inventory_held_by_customer(p_inventory_id integer) RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
    holder integer;
BEGIN
    SELECT customer_id INTO holder FROM rental WHERE inventory_id = p_inventory_id AND return_date IS NULL;
    RETURN holder;
END $$;

CREATE FUNCTION film_in_stock(p_film_id integer, p_store_id integer, OUT p_film_count integer) RETURNS SETOF integer
LANGUAGE sql AS $$
    SELECT inventory_id FROM inventory WHERE film_id = $1 AND store_id = $2 AND inventory_in_stock(inventory_id)
$$;

CREATE FUNCTION film_not_in_stock(p_film_id integer, p_store_id integer, OUT p_film_count integer)
RETURNS SETOF integer LANGUAGE sql AS $$
    SELECT inventory_id FROM inventory WHERE film_id = $1 AND store_id = $2 AND NOT inventory_in_stock(inventory_id)
$$;

CREATE FUNCTION get_customer_balance(p_customer_id integer, p_effective_date timestamp) RETURNS numeric
LANGUAGE plpgsql AS $$
DECLARE
    loan record;
    late interval;
    balance numeric(7,2) := 0;
BEGIN
    FOR loan IN
        SELECT * FROM rental JOIN inventory USING (inventory_id) JOIN film USING (film_id)
        WHERE customer_id = p_customer_id AND rental_date <= p_effective_date
    LOOP
        balance := balance + loan.rental_rate;
        late := loan.return_date - loan.rental_date - loan.rental_duration * interval '1 day';
        IF late >= interval '1 day' THEN
            balance := balance + extract(day FROM late);
        END IF;
        IF late > 2 * loan.rental_duration * interval '1 day' THEN
            balance := balance + loan.replacement_cost;
        END IF;
    END LOOP;
    RETURN balance - (
        SELECT coalesce(sum(amount), 0) FROM payment
        WHERE customer_id = p_customer_id AND payment_date <= p_effective_date
    );
END $$;

CREATE FUNCTION rewards_report(min_monthly_purchases integer, min_dollar_amount_purchased numeric)
RETURNS SETOF customer LANGUAGE plpgsql SECURITY DEFINER AS $$
DECLARE
    first_day date := date_trunc('month', CURRENT_DATE::timestamp - interval '3 month');
BEGIN
    IF min_monthly_purchases = 0 THEN
        RAISE EXCEPTION 'Minimum monthly purchases parameter must be > 0';
    ELSIF min_dollar_amount_purchased = 0 THEN
        RAISE EXCEPTION 'Minimum monthly dollar amount purchased parameter must be > $0.00';
    END IF;
    CREATE TEMPORARY TABLE rewarded (customer_id integer PRIMARY KEY);
    EXECUTE format(
        'INSERT INTO rewarded SELECT customer_id FROM payment WHERE payment_date::date BETWEEN %L AND %L'
        ' GROUP BY customer_id HAVING sum(amount) > %s AND count(*) > %s',
        first_day, last_day(first_day), min_dollar_amount_purchased, min_monthly_purchases
    );
    RETURN QUERY EXECUTE 'SELECT customer.* FROM rewarded JOIN customer USING (customer_id)';
    DROP TABLE rewarded;
END $$;
