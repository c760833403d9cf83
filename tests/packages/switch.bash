# shellcheck shell=bash disable=SC2154
# Users who take turns at one screen.

pid=$(guard ann)
leaves
comes seat0 carol
shown switched
equal "each has one" "1 1 1" "$(guards ann) $(guards bob) $(guards carol)"

at seat0 ann
equal "her session is in the background" online "$(inside loginctl show-session --property=State --value \
    "$(inside loginctl show-user --property=Display --value ann)")"
equal "hers answers there" green "$(level)"
equal "it is in her tray" "$pid" "$(icons)"
burns
becomes "it notices what burns while she is away" yellow level

at seat0 carol
log_out
becomes "after carol's logout nobody guards for her" 0 guards carol
equal "ann's goes on" "$pid" "$(guard ann)"
log_in seat0 ann
becomes "back at hers, the panel shows that it has lasted" "an icon" in_panel '#EB4542'
shown back
inside pkill --exact burner
becomes "then it is as it was" yes is_seen
equal "it is the one of before" "$pid" "$(guard ann)"
