# What own_ways.card does not tell.
[card]
name = own ways
atr = ..*
class = B4
select-answer = fci
pin-length = 4-8
pin-padding = FF
file = 2F77
file = A1B2/C3D4
file = A1B2/C3D5
file = D0D0

[application]
aid = F0 4F 57 4E 57 41 59 53
name = own ways application
pin-length = 5
pin-padding = none
[end]
