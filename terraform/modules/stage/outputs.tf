output "function_name" {
  description = "The name of the function."
  value       = aws_lambda_function.this.function_name
}

output "function_arn" {
  description = "The ARN of the function."
  value       = aws_lambda_function.this.arn
}

output "role_arn" {
  description = "The ARN of the function's role."
  value       = aws_iam_role.this.arn
}

output "log_group" {
  description = "The name of the log group."
  value       = aws_cloudwatch_log_group.this.name
}

output "environment" {
  description = "The function's settings."
  value       = aws_lambda_function.this.environment[0].variables
}

output "policy" {
  description = "All that the role may do, as JSON."
  value       = aws_iam_role_policy.this.policy
}

output "timeout_seconds" {
  description = "The longest that a call may take."
  value       = aws_lambda_function.this.timeout
}
