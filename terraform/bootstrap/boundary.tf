# The most that any role of the pipeline can ever do, whatever its own policy says. The role that applies writes the
# pipeline's policies, so without this a pull request that was merged could give itself the account; with it, it can give
# itself what is below. Hence the role that applies
#   - makes roles only with this boundary, and can neither take it off nor change it (apply.tf),
#   - may not touch the two roles here, whose names start otherwise.

locals {
  ours = {
    lake      = [for bucket in ["ingestion", "processed"] : "arn:aws:s3:::${var.name}-${bucket}-*"]
    code      = ["arn:aws:s3:::${var.name}-code-*"]
    report    = ["arn:aws:s3:::${var.name}-report-*"]
    logs      = ["arn:aws:logs:${var.region}:${local.account}:log-group:/aws/lambda/${var.name}-*"]
    lambda    = ["arn:aws:lambda:${var.region}:${local.account}:function:${var.name}-*"]
    topic     = ["arn:aws:sns:${var.region}:${local.account}:${var.name}-alerts"]
    states    = ["arn:aws:states:${var.region}:${local.account}:stateMachine:${var.name}"]
    roles     = ["arn:aws:iam::${local.account}:role/${var.name}-*"]
    alarms    = ["arn:aws:cloudwatch:${var.region}:${local.account}:alarm:${var.name}-*"]
    dashboard = ["arn:aws:cloudwatch::${local.account}:dashboard/${var.name}"]
    keys      = ["arn:aws:kms:${var.region}:${local.account}:key/*"]
    alias     = ["arn:aws:kms:${var.region}:${local.account}:alias/${var.name}"]
    secrets = [
      for database in ["source", "warehouse"] : "arn:aws:secretsmanager:${var.region}:${local.account}:secret:${var.name}-${database}-*"
    ]
    # CloudFront gives these names of its own.
    distributions  = ["arn:aws:cloudfront::${local.account}:distribution/*"]
    access_control = ["arn:aws:cloudfront::${local.account}:origin-access-control/*"]
    schedules = [
      "arn:aws:scheduler:${var.region}:${local.account}:schedule-group/${var.name}",
      "arn:aws:scheduler:${var.region}:${local.account}:schedule/${var.name}/*",
    ]
    databases = [
      for kind in ["db", "subgrp", "pg", "snapshot"] : "arn:aws:rds:${var.region}:${local.account}:${kind}:${var.name}-warehouse*"
    ]
  }

  boundary = [
    {
      Sid      = "LakeAndReport"
      Effect   = "Allow"
      Action   = ["s3:AbortMultipartUpload", "s3:GetObject", "s3:ListBucket", "s3:PutObject"]
      Resource = flatten([for bucket in concat(local.ours.lake, local.ours.report) : [bucket, "${bucket}/*"]])
    },
    {
      Sid      = "Logs"
      Effect   = "Allow"
      Action   = ["logs:CreateLogStream", "logs:PutLogEvents"]
      Resource = [for group in local.ours.logs : "${group}:*"]
    },
    {
      # Secrets given by ARN may have any name and region; which of them a stage reads, its own policy says.
      Sid      = "Secrets"
      Effect   = "Allow"
      Action   = ["secretsmanager:GetSecretValue"]
      Resource = ["arn:aws:secretsmanager:*:${local.account}:secret:*"]
    },
    {
      Sid       = "KeysOfTheseServices"
      Effect    = "Allow"
      Action    = ["kms:Decrypt", "kms:GenerateDataKey"]
      Resource  = ["arn:aws:kms:*:${local.account}:key/*"]
      Condition = { StringLike = { "kms:ViaService" = ["s3.*.amazonaws.com", "secretsmanager.*.amazonaws.com", "sns.*.amazonaws.com"] } }
    },
    {
      Sid      = "CallAndAlert"
      Effect   = "Allow"
      Action   = ["lambda:InvokeFunction", "sns:Publish", "states:StartExecution"]
      Resource = concat(local.ours.lambda, local.ours.topic, local.ours.states)
    },
    {
      Sid      = "FollowSlices"
      Effect   = "Allow"
      Action   = ["states:DescribeExecution", "states:StopExecution"]
      Resource = [for label in ["slices", "transform"] : "arn:aws:states:${var.region}:${local.account}:execution:${var.name}/${label}:*"]
    },
    {
      # AWS names no resource for these; a stage's policy denies them to the code itself.
      Sid    = "Network"
      Effect = "Allow"
      Action = [
        "ec2:AssignPrivateIpAddresses",
        "ec2:CreateNetworkInterface",
        "ec2:DeleteNetworkInterface",
        "ec2:DescribeNetworkInterfaces",
        "ec2:DescribeSubnets",
        "ec2:UnassignPrivateIpAddresses",
      ]
      Resource = ["*"]
    },
  ]
}

resource "aws_iam_policy" "boundary" {
  # checkov:skip=CKV_AWS_290:AWS names no resource for the rights to a network
  # checkov:skip=CKV_AWS_355:AWS names no resource for the rights to a network
  name        = "${var.name}-boundary"
  description = "The most that any role of ${var.name} can do"
  policy      = jsonencode({ Version = "2012-10-17", Statement = local.boundary })
}
