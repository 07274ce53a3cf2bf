"""What every ground shares and no ground owns: the declared faults and the words of the control socket.

Grounds import nothing of each other, so that one can be the measure of the other; what is one contract is here, once.
"""
