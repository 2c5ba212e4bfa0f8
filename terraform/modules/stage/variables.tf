variable "name" {
  description = "The name of the function, its role and its log group."
  type        = string
}

variable "description" {
  description = "What the function does, in a sentence."
  type        = string
}

variable "code" {
  description = "The zip: its bucket, key, object version and base64 SHA-256."
  type = object({
    bucket  = string
    key     = string
    version = string
    hash    = string
  })
}

variable "environment" {
  description = "The function's settings. Never a secret: only the ARN of one."
  type        = map(string)
}

variable "policy" {
  description = "The statements of the role's policy, beside those for its log and its network, which are made here."
  type        = any
}

variable "memory_mb" {
  description = "Memory in MB."
  type        = number
}

variable "settings" {
  description = "What all stages have in common."
  type = object({
    reserved_concurrency     = number
    log_retention_days       = number
    permissions_boundary_arn = string
    vpc = object({
      subnet_ids         = set(string)
      security_group_ids = set(string)
    })
  })
}
