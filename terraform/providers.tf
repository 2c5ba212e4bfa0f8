provider "aws" {
  region = var.region

  default_tags {
    tags = merge(var.tags, { project = var.name })
  }
}

data "aws_caller_identity" "current" {}

locals {
  account = data.aws_caller_identity.current.account_id
}
