variable "name" {
  description = "The `name` of the pipeline that is to be deployed. Both roles may touch what starts with it, and no more."
  type        = string
  default     = "totes"
  nullable    = false

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{0,18}[a-z0-9]$", var.name))
    error_message = "name must be 2 to 20 lower-case letters, digits and hyphens, with a letter first and no hyphen last: it becomes part of bucket names."
  }
}

variable "region" {
  description = "The AWS region of the state bucket and of the pipeline."
  type        = string
  default     = "eu-west-2"
  nullable    = false

  validation {
    condition     = can(regex("^(af|ap|ca|eu|il|me|mx|sa|us)-[a-z]+-[1-9]$", var.region))
    error_message = "region must be the name of a commercial AWS region, such as eu-west-2; the government and China partitions are not supported."
  }
}

variable "github_repository" {
  description = <<-EOT
    The repository that may deploy, as GitHub signs it: owner/name, or owner@ID/name@ID for one that was created, renamed or
    transferred since 15 July 2026, or that has chosen to. `gh api repos/OWNER/NAME --jq '"\(.owner.login)@\(.owner.id)/\(.name)@\(.id)"'`
    tells the ids.
  EOT
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^([A-Za-z0-9][A-Za-z0-9-]*/[A-Za-z0-9._-]+|[A-Za-z0-9][A-Za-z0-9-]*@[0-9]+/[A-Za-z0-9._-]+@[0-9]+)$", var.github_repository))
    error_message = "github_repository must be owner/name, as in github.com/owner/name, or with both ids owner@123/name@456; without wildcards, because whoever it matches may deploy."
  }
}

variable "github_branch" {
  description = "The branch whose pushes may plan, beside pull requests."
  type        = string
  default     = "main"
  nullable    = false

  validation {
    condition     = can(regex("^[A-Za-z0-9._/-]+$", var.github_branch))
    error_message = "github_branch must be the name of one branch, such as main, without wildcards."
  }
}

variable "github_environment" {
  description = "The GitHub environment whose jobs may apply. Let it admit the branch alone, and ask for approval if you like: GitHub enforces both before AWS is asked."
  type        = string
  default     = "production"
  nullable    = false

  validation {
    condition     = can(regex("^[A-Za-z0-9._-]+$", var.github_environment))
    error_message = "github_environment must be the name of one environment, such as production, without wildcards."
  }
}

variable "github_oidc_provider_arn" {
  description = "The ARN of GitHub's OIDC provider where the account has it already (an account can have one); null makes it."
  type        = string
  default     = null

  validation {
    condition     = var.github_oidc_provider_arn == null || can(regex("^arn:aws:iam::\\d{12}:oidc-provider/token\\.actions\\.githubusercontent\\.com$", var.github_oidc_provider_arn))
    error_message = "github_oidc_provider_arn must be arn:aws:iam::ACCOUNT:oidc-provider/token.actions.githubusercontent.com, or null to make it."
  }
}

variable "plan_reads_secrets" {
  description = <<-EOT
    Whether the role that plans may read the secrets that the pipeline makes. Terraform reads them to see whether they
    changed, so a plan needs this where a database is given by URL or made by warehouse_rds; but then everybody who can
    push a branch can read those passwords. Secrets given by ARN need it not.
  EOT
  type        = bool
  default     = false
  nullable    = false
}

variable "warehouse_redshift" {
  description = "Whether the pipeline's `warehouse_redshift` makes its warehouse: both roles get the rights on Redshift Serverless then, and only then."
  type        = bool
  default     = false
  nullable    = false
}

variable "protect_data" {
  description = "Whether `terraform destroy` stops before it would take the state along."
  type        = bool
  default     = true
  nullable    = false
}
