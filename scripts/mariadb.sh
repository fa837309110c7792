#!/bin/sh
# The programs of a MariaDB server for the tests, where they are missing and may be installed; nothing is started.
# Elsewhere the tests of MariaDB are skipped with a reason, or fail where CI is set.
command -v mariadbd >/dev/null || [ -x /usr/sbin/mariadbd ] && exit 0
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    { apt-get install -qq -y --no-install-recommends mariadb-server-core ||
        { apt-get update -qq && apt-get install -qq -y --no-install-recommends mariadb-server-core; }; } >/dev/null 2>&1 && exit 0
fi
echo "MariaDB is not tested: install mariadb-server-core" >&2
