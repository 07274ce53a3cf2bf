#!/bin/busybox sh
# A server of the lab: asks for an address on every card, as a cloud image does, and answers on port 80 with its name.
# Runs in the server's namespace. A reload (HUP) looks for new cards.
known=lo
look() {
	for device in $(ip -o link show | busybox sed -n 's/^[0-9]*: \([^:@]*\).*/\1/p'); do
		case " $known " in *" $device "*) continue ;; esac
		known="$known $device"
		ip link set "$device" up
		busybox udhcpc -f -i "$device" -s /usr/local/libexec/guest-lease -x "hostname:$GUEST_HOSTNAME" -O 121 -t 4 -T 2 -A 4 &
	done
}
trap look HUP
echo "$GUEST_HOSTNAME boots"
look
busybox mkdir -p "$RUNTIME_DIRECTORY/www"
echo "$GUEST_HOSTNAME" >"$RUNTIME_DIRECTORY/www/index.html"
busybox httpd -f -p 80 -h "$RUNTIME_DIRECTORY/www" &
while :; do
	busybox sleep 86400 &
	wait $!
done
