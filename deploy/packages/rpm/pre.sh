getent group apitap >/dev/null || groupadd --system apitap
getent passwd apitap >/dev/null || useradd --system --gid apitap --no-create-home --home-dir / --shell /sbin/nologin --comment "apitap API sensor" apitap
