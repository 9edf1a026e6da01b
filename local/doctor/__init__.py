"""What `offhook doctor` looks at, a file each."""
