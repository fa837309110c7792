-- What the old depot's tables hold, in the SQL that PostgreSQL and MariaDB have in common.
INSERT INTO customer VALUES
    (1, 'Ada Holding', 'DE', 'Y', 5000.00, '2015-01-31', NULL),
    (2, 'Bolt & Sons', 'DE', 'Y', 120.50, '2019-06-15', 1),
    (3, 'Cog', 'AT', 'N', 0.00, '2020-02-29', 2),
    (4, 'Dial', 'FR', 'Y', 80.00, '2023-12-01', NULL);
INSERT INTO part VALUES
    ('AX-100', 'Axle', 12.50, 40, 3.25, 'N'),
    ('BR-200', 'Bracket', 0.99, 3, 0.1, 'N'),
    ('CL-300', 'Clamp', 7.45, 0, 0.333, 'Y'),
    ('DR-400', 'Drum', 120.05, 7, 14.0, 'N'),
    ('EL-500', 'Elbow', 2.25, 5, 0.5, 'N');
INSERT INTO sale (customer, code, quantity, total, sold_on) VALUES
    (1, 'AX-100', 2, 25.00, '2024-01-31'),
    (1, 'DR-400', 1, 120.05, '2024-02-29'),
    (2, 'BR-200', 10, 9.90, '2024-02-01'),
    (4, 'AX-100', 1, 12.50, '2023-12-31');
INSERT INTO bin VALUES ('A1', 'AX-100', 40), ('B12', 'BR-200', 3);
INSERT INTO specimen VALUES
    (1, -7, 9007199254740993, 12345.6700, 0.1, TRUE, 'ABCDE', 'Grüße, it''s "x"', '2024-02-29',
     '2024-02-29 23:59:59.000001', '07:08:09', '{"tags": ["a", null], "n": 1.50}'),
    (2, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
    (3, 32767, -1, -0.0001, 1e300, FALSE, 'abcde', '', '1999-12-31',
     '1999-12-31 00:00:00.000000', '23:59:59', '[]');
