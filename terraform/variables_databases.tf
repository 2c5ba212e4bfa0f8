# The source and the warehouse. Each is given by a secret that exists, or by a value that goes into a secret made here.
# Values are ephemeral: Terraform hands them on and keeps them neither in its state nor in a plan. Empty means not given.

variable "source_secret" {
  description = <<-EOT
    The Secrets Manager secret of the source database: a postgres:// URL, or AWS's JSON with username, password, host,
    port and dbname. `kms_key_arn` is needed where it is encrypted with a key of yours. Null where `source_database_url` is given.
  EOT
  type = object({
    arn         = string
    kms_key_arn = optional(string)
  })
  default = null

  validation {
    condition     = (var.source_secret == null) != (var.source_database_url == "")
    error_message = "Give the source database once: by source_secret = { arn = \"arn:aws:secretsmanager:…\" } for a secret that exists, or by source_database_url for one that is made here."
  }

  validation {
    condition     = var.source_secret == null ? true : can(regex("^arn:aws:secretsmanager:[a-z0-9-]+:\\d{12}:secret:.+-[A-Za-z0-9]{6}$", var.source_secret.arn))
    error_message = "source_secret.arn must be the whole ARN of a Secrets Manager secret, as arn:aws:secretsmanager:eu-west-2:123456789012:secret:totesys-AbCdEf."
  }

  validation {
    condition     = try(var.source_secret.kms_key_arn, null) == null ? true : can(regex("^arn:aws:kms:[a-z0-9-]+:\\d{12}:key/[a-z0-9-]+$", var.source_secret.kms_key_arn))
    error_message = "source_secret.kms_key_arn must be the ARN of a key, as arn:aws:kms:eu-west-2:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab, not of an alias; leave it out where AWS's own key encrypts the secret."
  }
}

variable "source_database_url" {
  description = "The URL of the source database, postgres://user:password@host:port/database; its user needs SELECT alone. Goes into a secret made here."
  type        = string
  default     = ""
  nullable    = false
  ephemeral   = true
  sensitive   = true

  validation {
    condition     = var.source_database_url == "" || can(regex("^postgres(ql)?://[^@\\s]+@[^@/\\s]+/\\S+$", var.source_database_url))
    error_message = "source_database_url must be postgres://user:password@host:port/database, with : / ? # @ in the password written as %3A %2F %3F %23 %40."
  }
}

variable "source_database_url_version" {
  description = "Raise it by one when source_database_url has changed: Terraform does not keep the value, so it cannot see that."
  type        = number
  default     = 1
  nullable    = false

  validation {
    condition     = var.source_database_url_version >= 1 && floor(var.source_database_url_version) == var.source_database_url_version
    error_message = "source_database_url_version must be a whole number from 1 up, one more than before for each new value."
  }
}

variable "source_schema" {
  description = "The schema of the source that is read."
  type        = string
  default     = "public"
  nullable    = false

  validation {
    condition     = length(var.source_schema) >= 1 && length(var.source_schema) <= 63
    error_message = "source_schema must be the name of a schema: 1 to 63 characters, as PostgreSQL takes them."
  }
}

variable "capture" {
  description = "Very large tables that are captured by last_updated, with the lookback of each in seconds, as { sales_order = 3600 }. All others are captured exactly."
  type        = map(number)
  default     = {}
  nullable    = false

  validation {
    condition     = alltrue([for table, seconds in var.capture : seconds >= 0 && seconds < 1000000000 && floor(seconds) == seconds && can(regex("^[^=,\\s]+$", table))])
    error_message = "capture must map names of tables to whole seconds, as { sales_order = 3600 }."
  }
}

variable "accept_narrowed" {
  description = "Columns of the source, as `sales_order.unit_price`, that the star needs and that were narrowed or replaced on purpose. Ingest refuses any other; take a column out again once a run has passed."
  type        = set(string)
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for column in var.accept_narrowed : can(regex("^[^.,\\s]+\\.[^.,\\s]+$", column))])
    error_message = "accept_narrowed must hold columns as TABLE.COLUMN, such as [\"sales_order.unit_price\"]."
  }
}

variable "warehouse_secret" {
  description = <<-EOT
    The Secrets Manager secret of the warehouse, as `source_secret`. Null where `warehouse_database_url`, `warehouse_rds` or
    `warehouse_redshift` is given. `engine = "redshift"`, as in the secret itself, lets load write what the cluster's COPY reads;
    it needs verify_hours = 0.
  EOT
  type = object({
    arn         = string
    kms_key_arn = optional(string)
    engine      = optional(string, "postgres")
  })
  default = null

  validation {
    condition     = length([for given in [var.warehouse_secret != null, var.warehouse_database_url != "", var.warehouse_rds != null, var.warehouse_redshift != null] : given if given]) == 1
    error_message = "Give the warehouse once: by warehouse_secret = { arn = \"arn:aws:secretsmanager:…\" } for a secret that exists, by warehouse_database_url for one that is made here, or by warehouse_rds = {} or warehouse_redshift = {} for a database that is made here."
  }

  validation {
    condition     = var.warehouse_secret == null ? true : can(regex("^arn:aws:secretsmanager:[a-z0-9-]+:\\d{12}:secret:.+-[A-Za-z0-9]{6}$", var.warehouse_secret.arn))
    error_message = "warehouse_secret.arn must be the whole ARN of a Secrets Manager secret, as arn:aws:secretsmanager:eu-west-2:123456789012:secret:warehouse-AbCdEf."
  }

  validation {
    condition     = try(var.warehouse_secret.kms_key_arn, null) == null ? true : can(regex("^arn:aws:kms:[a-z0-9-]+:\\d{12}:key/[a-z0-9-]+$", var.warehouse_secret.kms_key_arn))
    error_message = "warehouse_secret.kms_key_arn must be the ARN of a key, as arn:aws:kms:eu-west-2:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab, not of an alias; leave it out where AWS's own key encrypts the secret."
  }

  validation {
    condition     = var.warehouse_secret == null ? true : contains(["postgres", "redshift"], var.warehouse_secret.engine)
    error_message = "warehouse_secret.engine must be postgres or redshift."
  }

  validation {
    condition     = try(var.warehouse_secret.engine, "") != "redshift" || var.verify_hours == 0
    error_message = "warehouse_secret with engine redshift needs verify_hours = 0: the comparison with the source is written for PostgreSQL alone."
  }
}

variable "warehouse_database_url" {
  description = "The URL of the warehouse, postgres://user:password@host:port/database; its user needs CREATE on the database. Goes into a secret made here."
  type        = string
  default     = ""
  nullable    = false
  ephemeral   = true
  sensitive   = true

  validation {
    condition     = var.warehouse_database_url == "" || can(regex("^postgres(ql)?://[^@\\s]+@[^@/\\s]+/\\S+$", var.warehouse_database_url))
    error_message = "warehouse_database_url must be postgres://user:password@host:port/database, with : / ? # @ in the password written as %3A %2F %3F %23 %40."
  }
}

variable "warehouse_database_url_version" {
  description = "Raise it by one when warehouse_database_url has changed: Terraform does not keep the value, so it cannot see that."
  type        = number
  default     = 1
  nullable    = false

  validation {
    condition     = var.warehouse_database_url_version >= 1 && floor(var.warehouse_database_url_version) == var.warehouse_database_url_version
    error_message = "warehouse_database_url_version must be a whole number from 1 up, one more than before for each new value."
  }
}

variable "warehouse_schema" {
  description = "The schema of the warehouse's star tables."
  type        = string
  default     = "public"
  nullable    = false

  validation {
    condition     = length(var.warehouse_schema) >= 1 && length(var.warehouse_schema) <= 63
    error_message = "warehouse_schema must be the name of a schema: 1 to 63 characters, as PostgreSQL takes them."
  }
}

variable "warehouse_rds" {
  description = <<-EOT
    Makes the warehouse here: PostgreSQL on RDS, encrypted, reachable from the functions' security groups alone. Needs
    `vpc` with subnets in two availability zones. `{}` takes the smallest; null makes none. Raise `password_version` by
    one when warehouse_rds_password has changed.
  EOT
  type = object({
    instance_class        = optional(string, "db.t4g.micro")
    engine_version        = optional(string, "17")
    allocated_storage_gb  = optional(number, 20)
    maximum_storage_gb    = optional(number, 100)
    backup_retention_days = optional(number, 7)
    multi_az              = optional(bool, false)
    password_version      = optional(number, 1)
  })
  default = null

  validation {
    condition     = var.warehouse_rds == null || try(length(var.vpc.subnet_ids) >= 2, false)
    error_message = "warehouse_rds needs vpc with at least two subnets, in two availability zones: the database is open to that network alone, so the functions must run in it."
  }

  validation {
    condition     = var.warehouse_rds == null ? true : var.warehouse_rds.allocated_storage_gb >= 20 && var.warehouse_rds.maximum_storage_gb > var.warehouse_rds.allocated_storage_gb
    error_message = "warehouse_rds.allocated_storage_gb must be at least 20, and maximum_storage_gb above it: RDS grows the disk up to that size."
  }

  validation {
    condition     = var.warehouse_rds == null ? true : var.warehouse_rds.backup_retention_days >= 1 && var.warehouse_rds.backup_retention_days <= 35
    error_message = "warehouse_rds.backup_retention_days must be 1 to 35: RDS offers no more, and 0 would switch backups off."
  }

  validation {
    condition     = var.warehouse_rds == null ? true : can(regex("^1[5-9](\\.\\d+)?$", var.warehouse_rds.engine_version))
    error_message = "warehouse_rds.engine_version must be a PostgreSQL release from 15 up, as \"17\" or \"17.4\"; give only the first number to let RDS apply minor releases."
  }

  validation {
    condition     = var.warehouse_rds == null ? true : can(regex("^db\\.[a-z0-9]+\\.[a-z0-9]+$", var.warehouse_rds.instance_class))
    error_message = "warehouse_rds.instance_class must be the name of a class, as db.t4g.micro."
  }

  validation {
    condition     = var.warehouse_rds == null ? true : var.warehouse_rds.password_version >= 1 && floor(var.warehouse_rds.password_version) == var.warehouse_rds.password_version
    error_message = "warehouse_rds.password_version must be a whole number from 1 up, one more than before for each new password."
  }
}

variable "warehouse_rds_password" {
  description = "The password of the warehouse that warehouse_rds makes. Goes to the database and into a secret made here."
  type        = string
  default     = ""
  nullable    = false
  ephemeral   = true
  sensitive   = true

  validation {
    condition     = (var.warehouse_rds == null) == (var.warehouse_rds_password == "")
    error_message = "warehouse_rds and warehouse_rds_password belong together: give both, or neither."
  }

  validation {
    condition     = var.warehouse_rds_password == "" || can(regex("^[!#-.0-?A-~]{16,128}$", var.warehouse_rds_password))
    error_message = "warehouse_rds_password must have 16 to 128 printable characters without spaces and / @ \", which RDS refuses."
  }
}

variable "warehouse_redshift" {
  description = <<-EOT
    Makes the warehouse here: Redshift Serverless, encrypted, reachable from the functions' security groups alone. Needs `vpc`
    with subnets in three availability zones, and verify_hours = 0. `{}` takes the smallest; null makes none. It is charged by
    the second of use, in units (RPU). Raise `password_version` by one when warehouse_redshift_password has changed.
  EOT
  type = object({
    base_capacity_rpu    = optional(number, 8)
    maximum_capacity_rpu = optional(number, 16)
    password_version     = optional(number, 1)
  })
  default = null

  validation {
    condition     = var.warehouse_redshift == null || try(length(var.vpc.subnet_ids) >= 3, false)
    error_message = "warehouse_redshift needs vpc with at least three subnets, in three availability zones, as Redshift Serverless does."
  }

  validation {
    condition     = var.warehouse_redshift == null || var.verify_hours == 0
    error_message = "warehouse_redshift needs verify_hours = 0: the comparison with the source is written for PostgreSQL alone."
  }

  validation {
    condition     = var.warehouse_redshift == null ? true : var.warehouse_redshift.base_capacity_rpu >= 8 && var.warehouse_redshift.base_capacity_rpu <= 512 && var.warehouse_redshift.base_capacity_rpu % 8 == 0
    error_message = "warehouse_redshift.base_capacity_rpu must be 8 to 512, in steps of 8."
  }

  validation {
    condition     = var.warehouse_redshift == null ? true : var.warehouse_redshift.maximum_capacity_rpu >= var.warehouse_redshift.base_capacity_rpu
    error_message = "warehouse_redshift.maximum_capacity_rpu must be base_capacity_rpu or more: it is the most that a second can cost."
  }

  validation {
    condition     = var.warehouse_redshift == null ? true : var.warehouse_redshift.password_version >= 1 && floor(var.warehouse_redshift.password_version) == var.warehouse_redshift.password_version
    error_message = "warehouse_redshift.password_version must be a whole number from 1 up, one more than before for each new password."
  }
}

variable "warehouse_redshift_password" {
  description = "The password of the warehouse that warehouse_redshift makes. Goes to the database and into a secret made here."
  type        = string
  default     = ""
  nullable    = false
  ephemeral   = true
  sensitive   = true

  validation {
    condition     = (var.warehouse_redshift == null) == (var.warehouse_redshift_password == "")
    error_message = "warehouse_redshift and warehouse_redshift_password belong together: give both, or neither."
  }

  validation {
    condition     = var.warehouse_redshift_password == "" || can(regex("^[!#-&(-.0-?A-[\\]-~]{16,64}$", var.warehouse_redshift_password)) && can(regex("[a-z]", var.warehouse_redshift_password)) && can(regex("[A-Z]", var.warehouse_redshift_password)) && can(regex("[0-9]", var.warehouse_redshift_password))
    error_message = "warehouse_redshift_password must have 16 to 64 printable characters, with a small letter, a capital and a digit, and without spaces and / @ \\ \" ', which Redshift refuses."
  }
}
