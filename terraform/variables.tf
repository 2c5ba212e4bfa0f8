# What every deployment decides. The databases are in variables_databases.tf.

variable "name" {
  description = "Starts the name of everything that is made here; also its `project` tag. One account holds one pipeline of a name."
  type        = string
  default     = "totes"
  nullable    = false

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{0,18}[a-z0-9]$", var.name))
    error_message = "name must be 2 to 20 lower-case letters, digits and hyphens, with a letter first and no hyphen last: it becomes part of bucket names."
  }
}

variable "region" {
  description = "The AWS region, best the one of the source database."
  type        = string
  default     = "eu-west-2"
  nullable    = false

  validation {
    condition     = can(regex("^(af|ap|ca|eu|il|me|mx|sa|us)-[a-z]+-[1-9]$", var.region))
    error_message = "region must be the name of a commercial AWS region, such as eu-west-2; the government and China partitions are not supported."
  }
}

variable "tags" {
  description = "Tags of everything that is made here, beside `project`."
  type        = map(string)
  default     = {}
  nullable    = false

  validation {
    condition     = !contains([for key in keys(var.tags) : lower(key)], "project")
    error_message = "tags must not hold `project`: that tag is the pipeline's name and limits what the deploying role may touch. Set `name` instead."
  }

  validation {
    condition     = length(var.tags) <= 9
    error_message = "tags must hold at most nine tags, not ${length(var.tags)}: S3 takes ten for an object, and `project` is one of them."
  }
}

variable "alert_emails" {
  description = "Addresses that are told of failures. Each gets one mail that asks for confirmation first."
  type        = set(string)
  nullable    = false

  validation {
    condition     = length(var.alert_emails) > 0
    error_message = "alert_emails must hold at least one address, as [\"team@example.com\"]: an alert that nobody gets is no alert."
  }

  validation {
    condition     = alltrue([for address in var.alert_emails : can(regex("^[^@\\s]+@[^@\\s]+\\.[^@\\s]+$", address))])
    error_message = "alert_emails must hold e-mail addresses alone, such as team@example.com; not so: ${join(", ", [for address in var.alert_emails : address if !can(regex("^[^@\\s]+@[^@\\s]+\\.[^@\\s]+$", address))])}."
  }
}

variable "runbook_url" {
  description = "Where the alarms' texts point to for what to do: best the address of docs/runbook.md in your repository."
  type        = string
  default     = "docs/runbook.md"
  nullable    = false

  validation {
    condition     = can(regex("^[A-Za-z0-9._~:/?&=%@+,-]{1,256}$", var.runbook_url))
    error_message = "runbook_url must be an address or a path of 1 to 256 characters without spaces, quotes and #, such as https://github.com/OWNER/NAME/blob/main/docs/runbook.md; the alarms append the section."
  }
}

variable "warnings_per_hour" {
  description = "Warnings of one function within an hour that are not worth an alarm. One that every run repeats counts each time: at a rate of 5 minutes 12 an hour."
  type        = number
  default     = 20
  nullable    = false

  validation {
    condition     = var.warnings_per_hour >= 0 && floor(var.warnings_per_hour) == var.warnings_per_hour
    error_message = "warnings_per_hour must be a whole number from 0 up, not ${var.warnings_per_hour}: 0 raises an alarm at any warning."
  }
}

variable "trigger" {
  description = <<-EOT
    What starts transform and load. `state_machine`: the schedule starts a Step Functions state machine, which calls the
    stages one after another. `s3_events`: a commit that lands in a log starts the next stage at once, and the schedule
    calls each stage, so that what a failure has left behind is done too.
  EOT
  type        = string
  default     = "state_machine"
  nullable    = false

  validation {
    condition     = contains(["state_machine", "s3_events"], var.trigger)
    error_message = "trigger must be state_machine or s3_events, not \"${var.trigger}\"."
  }
}

variable "rate_minutes" {
  description = "Minutes between two runs."
  type        = number
  default     = 5
  nullable    = false

  validation {
    condition     = var.rate_minutes >= 1 && var.rate_minutes <= 15 && floor(var.rate_minutes) == var.rate_minutes
    error_message = "rate_minutes must be a whole number from 1 to 15, not ${var.rate_minutes}. A change that just misses a run waits one rate for the next, which may itself take as long as a rate, or fail and leave the work to the one after: twice a rate must fit into the 30 minutes that the warehouse may be behind. Write 5, or up to 15 if the source must be spared."
  }
}

variable "verify_hours" {
  description = <<-EOT
    Hours between two comparisons of the source with the warehouse, which tell of rows that differ and have them read again.
    0 makes none: `totes verify` compares then, when a person runs it.
  EOT
  type        = number
  default     = 24
  nullable    = false

  validation {
    condition     = var.verify_hours >= 0 && var.verify_hours <= 168 && floor(var.verify_hours) == var.verify_hours
    error_message = "verify_hours must be a whole number from 1 to 168, which is a week, or 0 for never; not ${var.verify_hours}. Write 24, or more if the databases must be spared."
  }
}

variable "exchange_rates" {
  description = <<-EOT
    Exchange rates, with which the business report can show sales in one currency. Off by default, because the function asks a third
    party: `url` names it, the European Central Bank unless told otherwise, and has to answer in its XML format. `hours` lie between
    two calls; the ECB publishes once a working day. The function is in no VPC, so that it needs no way out of one.
  EOT
  type = object({
    enabled = optional(bool, false)
    url     = optional(string, "https://www.ecb.europa.eu/stats/eurofxref/eurofxref-hist-90d.xml")
    hours   = optional(number, 24)
  })
  default  = {}
  nullable = false

  validation {
    condition     = startswith(var.exchange_rates.url, "https://") && !strcontains(var.exchange_rates.url, "@")
    error_message = "exchange_rates.url must be an https URL without a user, not \"${var.exchange_rates.url}\"."
  }

  validation {
    condition     = var.exchange_rates.hours >= 1 && var.exchange_rates.hours <= 168 && floor(var.exchange_rates.hours) == var.exchange_rates.hours
    error_message = "exchange_rates.hours must be a whole number from 1 to 168, which is a week; not ${var.exchange_rates.hours}."
  }
}

variable "slice_connections" {
  description = <<-EOT
    Connections to the source that read a large look at once, by as many functions; one more keeps its snapshot. A first load,
    or one that reads all again, is large from about a gigabyte on, where `trigger` is `state_machine`. `reserved_concurrency`
    leaves no more than itself less two; with 0 one function reads all.
  EOT
  type        = number
  default     = 8
  nullable    = false

  validation {
    condition     = var.slice_connections >= 0 && var.slice_connections <= 100 && floor(var.slice_connections) == var.slice_connections
    error_message = "slice_connections must be a whole number from 0 to 100, not ${var.slice_connections}: write fewer than the source has to spare of its max_connections."
  }
}

variable "slice_blocks" {
  description = "Blocks of a table, 8 kB each in most databases, that are read at a time into an object of the lake. The default is 128 MB, some seconds of work."
  type        = number
  default     = 16384
  nullable    = false

  validation {
    condition     = var.slice_blocks >= 1 && var.slice_blocks <= 4294967296 && floor(var.slice_blocks) == var.slice_blocks
    error_message = "slice_blocks must be a whole number from 1 to 4294967296, not ${var.slice_blocks}."
  }
}

variable "transform_slices" {
  description = <<-EOT
    How many functions transform a large version at once. A version is large if it has more than eight objects of facts, as a
    first load has from about a gigabyte of them on, where `trigger` is `state_machine`. `reserved_concurrency` leaves no more
    than itself less one; with 0 one function transforms all.
  EOT
  type        = number
  default     = 10
  nullable    = false

  validation {
    condition     = var.transform_slices >= 0 && var.transform_slices <= 1000 && floor(var.transform_slices) == var.transform_slices
    error_message = "transform_slices must be a whole number from 0 to 1000, not ${var.transform_slices}: write fewer than the account may run functions at once."
  }
}

variable "raw_format" {
  description = "How ingest writes rows into the lake: `csv`, which is smaller, or `json` lines. May change at any time: every object says what it is."
  type        = string
  default     = "csv"
  nullable    = false

  validation {
    condition     = contains(["csv", "json"], var.raw_format)
    error_message = "raw_format must be csv or json, not \"${var.raw_format}\"."
  }
}

variable "code_directory" {
  description = "The folder with ingest.zip, transform.zip, load.zip, verify.zip, replay.zip, report.zip and rates.zip, as `scripts/build` makes them; relative to this folder."
  type        = string
  default     = "../dist"
  nullable    = false

  validation {
    condition     = alltrue([for name in ["ingest", "transform", "load", "verify", "replay", "report", "rates"] : fileexists("${var.code_directory}/${name}.zip")])
    error_message = "code_directory \"${var.code_directory}\" must hold ingest.zip, transform.zip, load.zip, verify.zip, replay.zip, report.zip and rates.zip: run scripts/build first, or name the folder that has them."
  }
}

variable "code_version" {
  description = "The release that is deployed, best the git commit; every manifest and every row of the load ledger names it."
  type        = string
  default     = "unknown"
  nullable    = false

  validation {
    condition     = can(regex("^[A-Za-z0-9._+-]{1,64}$", var.code_version))
    error_message = "code_version must be 1 to 64 letters, digits, dots, pluses, hyphens and underscores, such as a git commit."
  }
}

variable "memory_mb" {
  description = <<-EOT
    Memory of each function in MB; Lambda gives CPU in proportion, a whole core at 1,769. No stage holds a table, so the
    sizes follow the work, not the data: ingest waits for the source, transform computes, load waits for the warehouse, verify for
    both databases, replay computes, rates waits for a server; report holds the figures of the page, a few hundred MB of a large shop.
  EOT
  type = object({
    ingest    = optional(number, 1024)
    transform = optional(number, 1769)
    load      = optional(number, 1024)
    verify    = optional(number, 512)
    replay    = optional(number, 1769)
    report    = optional(number, 1024)
    rates     = optional(number, 1024)
  })
  default  = {}
  nullable = false

  validation {
    condition     = alltrue([for size in values(var.memory_mb) : size >= 512 && size <= 10240 && floor(size) == size])
    error_message = "memory_mb must be whole numbers from 512 to 10240: Lambda offers no more, and a stage holds some blocks of 8 MB beside its code."
  }
}

variable "reserved_concurrency" {
  description = <<-EOT
    How many of each function may run at once; -1 sets none apart. Overlapping runs are harmless, and the schedule bounds
    them; a new account may reserve nothing at all, so none is the default. 2 keeps a runaway caller off the databases.
  EOT
  type        = number
  default     = -1
  nullable    = false

  validation {
    condition     = var.reserved_concurrency == -1 || (var.reserved_concurrency >= 1 && var.reserved_concurrency <= 100 && floor(var.reserved_concurrency) == var.reserved_concurrency)
    error_message = "reserved_concurrency must be -1 for none or a whole number from 1 to 100, not ${var.reserved_concurrency}: 0 would stop the pipeline without a word."
  }
}

variable "log_retention_days" {
  description = "Days that the functions' logs are kept."
  type        = number
  default     = 90
  nullable    = false

  validation {
    condition     = contains([1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653], var.log_retention_days)
    error_message = "log_retention_days must be one that CloudWatch offers: 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731 or a number of years up to ten in its list; not ${var.log_retention_days}."
  }
}

variable "protect_data" {
  description = <<-EOT
    Whether `terraform destroy` stops before it would take data along: buckets that hold objects, the warehouse made here.
    Where it is true, secrets and the key can be restored for some time. Set it to false, apply, and then destroy.
  EOT
  type        = bool
  default     = true
  nullable    = false
}

variable "permissions_boundary_arn" {
  description = "The policy that bounds every role made here; `bootstrap` prints its ARN. Null for none, where a person with full rights applies."
  type        = string
  default     = null

  validation {
    condition     = var.permissions_boundary_arn == null || can(regex("^arn:aws:iam::\\d{12}:policy/.+$", var.permissions_boundary_arn))
    error_message = "permissions_boundary_arn must be the ARN of a managed policy, as arn:aws:iam::123456789012:policy/totes-boundary, or null."
  }
}

variable "vpc" {
  description = <<-EOT
    Subnets and security groups for the functions, where a database is reachable from a network of yours alone; null runs
    them outside any. The subnets need a way to S3 and Secrets Manager: a NAT gateway or endpoints.
  EOT
  type = object({
    subnet_ids         = set(string)
    security_group_ids = set(string)
  })
  default = null

  validation {
    condition     = var.vpc == null ? true : length(var.vpc.subnet_ids) > 0 && length(var.vpc.security_group_ids) > 0
    error_message = "vpc must name at least one subnet and one security group, as { subnet_ids = [\"subnet-…\", \"subnet-…\"], security_group_ids = [\"sg-…\"] }; write null to run the functions outside a VPC."
  }

  validation {
    condition     = var.vpc == null ? true : alltrue(concat([for id in var.vpc.subnet_ids : startswith(id, "subnet-")], [for id in var.vpc.security_group_ids : startswith(id, "sg-")]))
    error_message = "vpc must hold ids: those of subnets start with subnet-, those of security groups with sg-."
  }
}

variable "prices" {
  description = <<-EOT
    US dollars for a GB-second of Lambda on arm64, for one of its requests and for a state transition of Step Functions: the
    dashboard estimates with them what runs cost. The defaults are AWS's list prices of eu-west-2 and us-east-1, without
    free tier: https://aws.amazon.com/lambda/pricing and https://aws.amazon.com/step-functions/pricing.
  EOT
  type = object({
    gb_second        = optional(number, 0.0000133334)
    request          = optional(number, 0.0000002)
    state_transition = optional(number, 0.000025)
  })
  default  = {}
  nullable = false

  validation {
    condition     = alltrue([for price in values(var.prices) : price >= 0 && price < 1])
    error_message = "prices must be US dollars from 0 to less than 1, each for one GB-second, request or state transition, such as { state_transition = 0.0000297 }."
  }
}

variable "report_cloudfront" {
  description = <<-EOT
    A CloudFront distribution for the business report, for links that last longer than S3's, or that go to people without
    access to AWS; null makes none. It serves whoever has a link that was signed with the private key of `public_key` (PEM,
    RSA of 2048 bits, as `openssl rsa -pubout` prints it), and nobody else. The private key stays with you.
  EOT
  type = object({
    public_key = string
  })
  default = null

  validation {
    condition     = var.report_cloudfront == null ? true : can(regex("^-----BEGIN PUBLIC KEY-----\n[A-Za-z0-9+/=\n]+\n-----END PUBLIC KEY-----\n$", var.report_cloudfront.public_key))
    error_message = "report_cloudfront must hold a public key in PEM, from its BEGIN line to the line break after its END line, as a heredoc gives it: { public_key = <<EOT … EOT }; never the private one."
  }
}
