output "state_bucket" {
  description = "The bucket of the pipeline's state."
  value       = aws_s3_bucket.state.id
}

output "init_arguments" {
  description = "What `terraform init` of the pipeline needs."
  value       = "-backend-config=bucket=${aws_s3_bucket.state.id} -backend-config=region=${var.region}"
}

output "plan_role_arn" {
  description = "The role that GitHub Actions takes to plan; it may read only, so plan with -lock=false."
  value       = aws_iam_role.deploy["plan"].arn
}

output "apply_role_arn" {
  description = "The role that GitHub Actions takes to apply, in the environment."
  value       = aws_iam_role.deploy["apply"].arn
}

output "permissions_boundary_arn" {
  description = "The pipeline's permissions_boundary_arn: the role that applies can make no role without it."
  value       = aws_iam_policy.boundary.arn
}
