"""chronyc: how the host's clock stands (`tracking`, in words and in values between commas), and `makestep`."""

from __future__ import annotations

from datetime import UTC, datetime

from runbooks.simulator.ssh.program import Call, program

_SERVER = "192.0.2.10"
_SERVER_ID = "C000020A"


@program("chronyc")
def _chronyc(call: Call) -> int:
    words = [word for word in call.args if word not in ("-n", "-c")]
    if words not in (["tracking"], ["makestep"]):
        return call.fail(f"Unrecognized command: {' '.join(words)}" if words else "chronyc: a command is missing")
    place = call.place
    unit = place.host.units.get("chrony")
    if unit is None or unit.state != "running":
        return call.fail("506 Cannot talk to daemon")
    if words == ["makestep"]:
        return _makestep(call)
    seed, wrong = place.cloud.seed, place.host.clock_error(place.now)
    noise = (seed.fraction("chrony", place.host.name) - 0.5) / 5000
    # Without its servers, chrony says so, and no longer knows how far it is off.
    synchronised = not wrong or place.host.clock_slews is not None
    heard = place.now - place.now % 64 - 3 if synchronised else 0.0
    identity, name = (_SERVER_ID, _SERVER) if synchronised else ("7F7F0101", "")
    values: dict[str, float | str] = {
        "Stratum": 3 if synchronised else 0,
        "Ref time (UTC)": heard,
        "System time": -wrong or noise,
        "Last offset": noise / 3,
        "RMS offset": abs(noise) / 2,
        "Frequency": -12.337,
        "Residual freq": 0.001,
        "Skew": 0.021,
        "Root delay": 0.004213,
        "Root dispersion": 0.000871,
        "Update interval": 64.3,
        "Leap status": "Normal" if synchronised else "Not synchronised",
    }
    if "-c" in call.args:
        rest = [f"{value:.9f}" if isinstance(value, float) else str(value) for value in values.values()]
        call.print(",".join([identity, name, *rest]))
        return 0
    call.print(f"Reference ID    : {identity} ({name})")
    for label, value in values.items():
        stamp = datetime.fromtimestamp(heard, UTC).strftime("%a %b %d %H:%M:%S %Y")
        if label == "System time":
            value = f"{abs(float(value)):.9f} seconds {'slow' if float(value) > 0 else 'fast'} of NTP time"
        call.print(f"{label:<16}: {stamp if label.startswith('Ref time') else value}")
    return 0


def _makestep(call: Call) -> int:
    """What is left to correct is corrected at once; without servers, nothing is."""
    host, cloud = call.place.host, call.place.cloud
    if not call.place.root:
        return call.fail("501 Not authorised")
    if host.clock_slews is not None:
        host.clock_offset, host.clock_slews = 0.0, None
    cloud.wrote(f"ssh:{host.name}", "chronyc makestep", call.place.account.name, "exit 0")
    call.print("200 OK")
    return 0
