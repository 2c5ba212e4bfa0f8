terraform {
  # 1.11 brought write-only attributes, which keep passwords out of state, and S3's own lock file.
  required_version = ">= 1.11"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 5.100"
    }
  }
}
