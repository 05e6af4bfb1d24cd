"""What every process of the hub needs: the cluster and its groups, processes on this machine, HTTP, logs, masking, the audit."""
