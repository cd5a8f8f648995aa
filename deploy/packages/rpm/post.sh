if command -v systemd-tmpfiles >/dev/null; then systemd-tmpfiles --create apitap.conf || :; fi
if [ -d /run/systemd/system ]; then systemctl daemon-reload || :; fi
if [ "$1" = 1 ]; then
    echo "apitap: next, set capture and output in /etc/apitap/apitap.toml, make a key with"
    echo "  apitap key new --out /etc/apitap/apitap.key"
    echo "and start it: systemctl enable --now apitap"
fi
