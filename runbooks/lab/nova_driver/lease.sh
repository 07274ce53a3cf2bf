#!/bin/busybox sh
# What a server does with an address that it was given or that it lost (called by udhcpc).
route() {
	if [ "$2" = 0.0.0.0 ]; then ip route replace "$1" dev "$interface"; else ip route replace "$1" via "$2" dev "$interface"; fi
}
metadata() {
	for try in 1 2 3 4 5 6 7 8 9 10 11 12; do
		if curl -sS -f -m 5 -o "$RUNTIME_DIRECTORY/meta_data.json" http://169.254.169.254/openstack/latest/meta_data.json; then
			echo "metadata: I am $(busybox sed -n 's/.*"name": "\([^"]*\)".*/\1/p' "$RUNTIME_DIRECTORY/meta_data.json")"
			return
		fi
		echo "metadata: no answer from 169.254.169.254 (try $try)"
		busybox sleep 5
	done
}
case $1 in
deconfig)
	ip -4 address flush dev "$interface"
	ip link set "$interface" up
	;;
bound | renew)
	ip address replace "$ip/$mask" broadcast + dev "$interface"
	if [ -n "$staticroutes" ]; then
		set -- "$1" $staticroutes
		event=$1
		shift
		while [ $# -ge 2 ]; do
			route "$1" "$2"
			shift 2
		done
	else
		event=$1
		for gateway in $router; do
			route default "$gateway"
			break
		done
	fi
	echo "$interface: $ip/$mask from $serverid, router ${router:-none}"
	[ "$event" = renew ] || metadata &
	;;
leasefail | nak)
	echo "$interface: no address: $1 $message"
	;;
esac
exit 0
