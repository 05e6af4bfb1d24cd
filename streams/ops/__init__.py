"""What every process of the hub needs: the cluster, its groups and lag, processes, HTTP, logs, masking, the audit, a sink's contract."""
