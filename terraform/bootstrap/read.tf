# What a plan reads: the settings of what the pipeline is made of, and the state. Not the lake's rows, and no secret's value
# unless plan_reads_secrets says so. Both roles have it.

locals {
  state_object = "${aws_s3_bucket.state.arn}/warehouse.tfstate"

  read = concat(
    [
      {
        Sid      = "State"
        Effect   = "Allow"
        Action   = ["s3:GetObject"]
        Resource = [local.state_object]
      },
      {
        Sid      = "FindState"
        Effect   = "Allow"
        Action   = ["s3:ListBucket"]
        Resource = [aws_s3_bucket.state.arn]
      },
      {
        Sid    = "Buckets"
        Effect = "Allow"
        Action = [
          "s3:GetAccelerateConfiguration",
          "s3:GetBucket*",
          "s3:GetEncryptionConfiguration",
          "s3:GetLifecycleConfiguration",
          "s3:GetReplicationConfiguration",
          "s3:ListBucket",
        ]
        Resource = concat(local.ours.lake, local.ours.code, local.ours.report, local.ours_of_catalog.queries)
      },
      {
        Sid      = "Code"
        Effect   = "Allow"
        Action   = ["s3:GetObject", "s3:GetObjectTagging", "s3:GetObjectVersion"]
        Resource = [for bucket in local.ours.code : "${bucket}/*"]
      },
      {
        Sid      = "DecryptCode"
        Effect   = "Allow"
        Action   = ["kms:Decrypt"]
        Resource = local.ours.keys
        Condition = {
          StringEquals = { "kms:ViaService" = "s3.${var.region}.amazonaws.com" }
          StringLike   = { "kms:EncryptionContext:aws:s3:arn" = local.ours.code }
        }
      },
      {
        Sid    = "Settings"
        Effect = "Allow"
        Action = [
          "cloudfront:GetDistribution",
          "cloudfront:GetOriginAccessControl",
          "cloudfront:ListTagsForResource",
          "cloudwatch:GetDashboard",
          "cloudwatch:ListTagsForResource",
          "iam:GetRole",
          "iam:GetRolePolicy",
          "iam:ListAttachedRolePolicies",
          "iam:ListInstanceProfilesForRole",
          "iam:ListRolePolicies",
          "lambda:Get*",
          "lambda:List*",
          "logs:ListTagsForResource",
          "rds:ListTagsForResource",
          "scheduler:GetSchedule",
          "scheduler:GetScheduleGroup",
          "scheduler:ListTagsForResource",
          "secretsmanager:DescribeSecret",
          "secretsmanager:GetResourcePolicy",
          "sns:GetTopicAttributes",
          "sns:ListSubscriptionsByTopic",
          "sns:ListTagsForResource",
          "states:DescribeStateMachine",
          "states:ListStateMachineVersions",
          "states:ListTagsForResource",
        ]
        Resource = concat(
          local.ours.access_control,
          local.ours.alarms,
          local.ours.dashboard,
          local.ours.databases,
          local.ours.distributions,
          local.ours.lambda,
          local.ours.logs,
          local.ours.roles,
          local.ours.schedules,
          local.ours.secrets,
          local.ours.states,
          local.ours.topic,
        )
      },
      {
        # Settings of any key: a new one is read before AWS knows it by its tag.
        Sid      = "Key"
        Effect   = "Allow"
        Action   = ["kms:DescribeKey", "kms:GetKeyPolicy", "kms:GetKeyRotationStatus", "kms:ListResourceTags"]
        Resource = local.ours.keys
      },
      {
        # AWS names no resource for these, or not one that is known before it is asked.
        Sid    = "Lists"
        Effect = "Allow"
        Action = [
          "cloudfront:GetKeyGroup",
          "cloudfront:GetPublicKey",
          "cloudwatch:DescribeAlarms",
          "ec2:DescribeAccountAttributes",
          "ec2:DescribeAvailabilityZones",
          "ec2:DescribeInternetGateways",
          "ec2:DescribeNetworkInterfaces",
          "ec2:DescribeSecurityGroupRules",
          "ec2:DescribeSecurityGroups",
          "ec2:DescribeSubnets",
          "ec2:DescribeVpcAttribute",
          "ec2:DescribeVpcs",
          "kms:ListAliases",
          "logs:DescribeLogGroups",
          "rds:DescribeDBInstances",
          "rds:DescribeDBParameterGroups",
          "rds:DescribeDBParameters",
          "rds:DescribeDBSubnetGroups",
          "rds:DescribeGlobalClusters",
          "sns:GetSubscriptionAttributes",
          "states:ValidateStateMachineDefinition",
        ]
        Resource = ["*"]
      },
    ],
    local.read_catalog,
    [for statement in local.read_redshift : statement if var.warehouse_redshift],
    [for statement in local.read_secrets : statement if var.plan_reads_secrets],
  )

  read_secrets = [
    {
      Sid      = "Secrets"
      Effect   = "Allow"
      Action   = ["secretsmanager:GetSecretValue"]
      Resource = local.ours.secrets
    },
    {
      Sid      = "DecryptSecrets"
      Effect   = "Allow"
      Action   = ["kms:Decrypt"]
      Resource = local.ours.keys
      Condition = {
        StringEquals = { "kms:ViaService" = "secretsmanager.${var.region}.amazonaws.com" }
        StringLike   = { "kms:EncryptionContext:SecretARN" = local.ours.secrets }
      }
    },
  ]
}

resource "aws_iam_policy" "read" {
  name        = "deploy-${var.name}-read"
  description = "What terraform plan of ${var.name} reads"
  policy      = jsonencode({ Version = "2012-10-17", Statement = local.read })
}

resource "aws_iam_role_policy_attachment" "read" {
  for_each = aws_iam_role.deploy

  role       = each.value.name
  policy_arn = aws_iam_policy.read.arn
}
