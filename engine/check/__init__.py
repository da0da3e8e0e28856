"""What `hotloop check` looks for: in manifests, in imports, in marks and in what systems write."""
