"""What the Ceph cluster tells: documents and texts that its commands and its dashboard share, made from the model."""
