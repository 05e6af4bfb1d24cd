"""What has gone wrong before, what people did about it, and whether it worked: failures of the same kind are one case.

A case is counted anew from the tables whenever it is asked for; kept is only what a person says of it, in the audit. Nothing that tells
of a person enters one: of the hub's own sentences the template stays, of a platform's words those that were said of several orders.
"""
