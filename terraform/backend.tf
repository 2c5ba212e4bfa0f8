# The bucket and its region are given at init, because a backend takes no variables:
#   terraform init -backend-config=bucket=BUCKET -backend-config=region=REGION
# `bootstrap` makes the bucket and prints that line.
terraform {
  backend "s3" {
    key          = "warehouse.tfstate"
    encrypt      = true
    use_lockfile = true
  }
}
