variable "lake_catalog" {
  description = <<-EOT
    Tables of the lake in AWS Glue, for Athena: docs/lake.md; null makes none. `first_day` is the first day that the lake may
    have objects of, YYYY-MM-DD: the later, the fewer empty folders a query looks into, but what is older is not found.
    `workgroup` makes a workgroup of Athena whose results are encrypted, kept in a bucket of their own and gone after a week; one
    query of it reads up to `query_limit_gb`. false leaves that to the account's own workgroups.
  EOT
  type = object({
    first_day      = optional(string, "2024-01-01")
    workgroup      = optional(bool, true)
    query_limit_gb = optional(number, 100)
  })
  default = null

  validation {
    condition     = var.lake_catalog == null ? true : can(regex("^\\d{4}-\\d{2}-\\d{2}$", var.lake_catalog.first_day)) && can(formatdate("YYYY", "${var.lake_catalog.first_day}T00:00:00Z"))
    error_message = "lake_catalog.first_day must be a day, as 2024-01-01."
  }

  validation {
    condition     = var.lake_catalog == null ? true : var.lake_catalog.query_limit_gb >= 1 && floor(var.lake_catalog.query_limit_gb) == var.lake_catalog.query_limit_gb
    error_message = "lake_catalog.query_limit_gb must be a whole number of GB, 1 or more."
  }

  validation {
    condition     = var.lake_catalog == null ? true : fileexists("${var.code_directory}/catalog.json")
    error_message = "lake_catalog needs catalog.json in code_directory \"${var.code_directory}\": run scripts/build first, or name the folder that has it."
  }
}
