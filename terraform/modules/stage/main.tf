# A stage of the pipeline: a Lambda function with a role and a log group of its own.

data "aws_region" "current" {}

data "aws_caller_identity" "current" {}

locals {
  function_arn = "arn:aws:lambda:${data.aws_region.current.name}:${data.aws_caller_identity.current.account_id}:function:${var.name}"

  log_statements = [{
    Sid      = "WriteTheLog"
    Effect   = "Allow"
    Action   = ["logs:CreateLogStream", "logs:PutLogEvents"]
    Resource = ["${aws_cloudwatch_log_group.this.arn}:*"]
  }]

  # Lambda attaches the function to the network with the function's own rights, and AWS names no resource for that. The
  # denial takes these rights from the code itself: https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html
  network_actions = [
    "ec2:AssignPrivateIpAddresses",
    "ec2:CreateNetworkInterface",
    "ec2:DeleteNetworkInterface",
    "ec2:DescribeNetworkInterfaces",
    "ec2:DescribeSubnets",
    "ec2:UnassignPrivateIpAddresses",
  ]
  network_statements = [
    {
      Sid      = "AttachToTheNetwork"
      Effect   = "Allow"
      Action   = local.network_actions
      Resource = ["*"]
    },
    {
      Sid       = "CodeMayNotTouchTheNetwork"
      Effect    = "Deny"
      Action    = concat(local.network_actions, ["ec2:DetachNetworkInterface"])
      Resource  = ["*"]
      Condition = { ArnEquals = { "lambda:SourceFunctionArn" = local.function_arn } }
    },
  ]

  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = concat(local.log_statements, [for statement in local.network_statements : statement if var.settings.vpc != null], var.policy)
  })
}

# Made here, so that it has a retention and goes when the function goes: the role may not create one.
resource "aws_cloudwatch_log_group" "this" {
  # checkov:skip=CKV_AWS_338:log_retention_days decides; these logs are for finding faults, the history is in the lake
  # checkov:skip=CKV_AWS_158:CloudWatch encrypts logs with its own key, and these hold neither rows nor secrets
  name              = "/aws/lambda/${var.name}"
  retention_in_days = var.settings.log_retention_days
}

resource "aws_iam_role" "this" {
  name                 = var.name
  description          = "Of the Lambda function ${var.name}"
  permissions_boundary = var.settings.permissions_boundary_arn

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "lambda.amazonaws.com" }
    }]
  })
}

resource "aws_iam_role_policy" "this" {
  name   = "stage"
  role   = aws_iam_role.this.name
  policy = local.policy
}

resource "aws_lambda_function" "this" {
  # checkov:skip=CKV_AWS_50:A trace of one function would tell no more than its log, and its rights cannot be narrowed to a resource
  # checkov:skip=CKV_AWS_116:The state machine or the on-failure destination tells of a failure; there is no event to keep, since every one is only a hint
  # checkov:skip=CKV_AWS_173:The settings hold no secret, and Lambda encrypts them with its own key
  # checkov:skip=CKV_AWS_272:The code bucket is writable for the deploying role alone, and the zip is pinned by version and hash
  function_name = var.name
  description   = var.description
  role          = aws_iam_role.this.arn

  s3_bucket         = var.code.bucket
  s3_key            = var.code.key
  s3_object_version = var.code.version
  source_code_hash  = var.code.hash

  handler       = "index.handler"
  runtime       = "nodejs22.x"
  architectures = ["arm64"]

  memory_size = var.memory_mb
  # The most that Lambda allows. A run with little to do takes seconds and is paid by the millisecond; the first one moves
  # the whole history, and a shorter limit could only make it fail.
  timeout                        = 900
  reserved_concurrent_executions = var.settings.reserved_concurrency

  environment {
    # Lambda's Node trusts the public authorities alone; this file, which the runtime brings, adds those of RDS.
    variables = merge({ NODE_EXTRA_CA_CERTS = "/var/runtime/ca-cert.pem" }, var.environment)
  }

  logging_config {
    log_format = "JSON"
    log_group  = aws_cloudwatch_log_group.this.name
  }

  dynamic "vpc_config" {
    for_each = var.settings.vpc[*]

    content {
      subnet_ids         = vpc_config.value.subnet_ids
      security_group_ids = vpc_config.value.security_group_ids
    }
  }

  # Without its rights the first call would fail, and a network interface could not be removed at the end.
  depends_on = [aws_iam_role_policy.this]
}
