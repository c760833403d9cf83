# shellcheck shell=bash disable=SC2154
# An upgrade while users are logged in, and the removal.

as ann runaway-guard whitelist add make >/dev/null
kept=$(inside sha256sum /home/ann/.config/runaway-guard/config.toml)
alerts=$(as ann runaway-guard alerts --json)
manager bob stop "$unit"
pid=$(main ann)
apt install /srv/new.deb
anew "an upgrade restarts what runs" ann "$pid"
equal "it is the new program" /usr/bin/runaway-guard "$(inside readlink "/proc/$(main ann)/exe")"
equal "what its user has ended stays so" "inactive 0" "$(state bob) $(guards bob)"
equal "the config is kept" "$kept" "$(inside sha256sum /home/ann/.config/runaway-guard/config.toml)"
has "the whitelist is kept" make "$(as ann runaway-guard whitelist list)"
equal "the history is kept" "$alerts" "$(as ann runaway-guard alerts --json)"

# shellcheck disable=SC2086
starts bob autostart $entry
becomes "an autostart entry's runs" 1 guards bob
pid=$(guard bob)
apt install --reinstall /srv/new.deb
becomes "an upgrade is taken up by what an autostart entry has started" /usr/bin/runaway-guard \
    inside readlink "/proc/$pid/exe"
becomes "it answers again" 0 firing bob
equal "it was no end to its unit" active "$(manager bob is-active autostart.service)"

manager ann reset-failed "$unit"
apt purge runaway-guard
becomes "the removal ends what runs by its unit" 0 guards ann
manager bob stop autostart.service
log_out ann
log_in ann
equal "nothing of it fails at the next login" "" "$(manager ann list-units --failed --plain --no-legend)"
