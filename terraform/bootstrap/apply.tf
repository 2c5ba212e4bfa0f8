# What an apply may change, beside what it reads. As narrow as is practical: resources of the pipeline's names, a key by its
# tag or its use, roles within the boundary. Two things remain. A key that has no other guard could be taken by tagging it, since AWS
# does not tell the right to tag a new key from the right to tag an old one. And names that continue this one's are within
# reach, such as those of a second pipeline `totes-dev` beside `totes`: what must be apart belongs in another account.

locals {
  apply = [
    {
      Sid      = "State"
      Effect   = "Allow"
      Action   = ["s3:PutObject"]
      Resource = [local.state_object]
    },
    {
      Sid      = "Lock"
      Effect   = "Allow"
      Action   = ["s3:DeleteObject", "s3:GetObject", "s3:PutObject"]
      Resource = ["${local.state_object}.tflock"]
    },
    {
      Sid    = "Buckets"
      Effect = "Allow"
      Action = [
        "s3:CreateBucket",
        "s3:DeleteBucket",
        "s3:DeleteBucketPolicy",
        "s3:ListBucketVersions",
        "s3:PutBucketNotification",
        "s3:PutBucketPolicy",
        "s3:PutBucketPublicAccessBlock",
        "s3:PutBucketTagging",
        "s3:PutBucketVersioning",
        "s3:PutEncryptionConfiguration",
        "s3:PutLifecycleConfiguration",
      ]
      Resource = concat(local.ours.lake, local.ours.code, local.ours.report, local.ours_of_catalog.queries)
    },
    {
      # Not in the lake: a person with more rights removes that, with protect_data off.
      Sid      = "Code"
      Effect   = "Allow"
      Action   = ["s3:DeleteObject", "s3:DeleteObjectVersion", "s3:PutObject", "s3:PutObjectTagging"]
      Resource = [for bucket in local.ours.code : "${bucket}/*"]
    },
    {
      Sid       = "MakeRoles"
      Effect    = "Allow"
      Action    = ["iam:CreateRole", "iam:PutRolePermissionsBoundary", "iam:PutRolePolicy"]
      Resource  = local.ours.roles
      Condition = { StringEquals = { "iam:PermissionsBoundary" = aws_iam_policy.boundary.arn } }
    },
    {
      Sid      = "KeepRoles"
      Effect   = "Allow"
      Action   = ["iam:DeleteRole", "iam:DeleteRolePolicy", "iam:TagRole", "iam:UntagRole", "iam:UpdateAssumeRolePolicy", "iam:UpdateRole", "iam:UpdateRoleDescription"]
      Resource = local.ours.roles
    },
    {
      Sid       = "HandRolesOn"
      Effect    = "Allow"
      Action    = ["iam:PassRole"]
      Resource  = local.ours.roles
      Condition = { StringEquals = { "iam:PassedToService" = ["lambda.amazonaws.com", "scheduler.amazonaws.com", "states.amazonaws.com"] } }
    },
    {
      # Calling a function is not among them.
      Sid    = "Services"
      Effect = "Allow"
      Action = [
        "cloudwatch:DeleteAlarms",
        "cloudwatch:DeleteDashboards",
        "cloudwatch:PutDashboard",
        "cloudwatch:PutMetricAlarm",
        "cloudwatch:TagResource",
        "cloudwatch:UntagResource",
        "lambda:AddPermission",
        "lambda:CreateFunction",
        "lambda:DeleteFunction",
        "lambda:DeleteFunctionConcurrency",
        "lambda:DeleteFunctionEventInvokeConfig",
        "lambda:PutFunctionConcurrency",
        "lambda:PutFunctionEventInvokeConfig",
        "lambda:RemovePermission",
        "lambda:TagResource",
        "lambda:UntagResource",
        "lambda:UpdateFunctionCode",
        "lambda:UpdateFunctionConfiguration",
        "lambda:UpdateFunctionEventInvokeConfig",
        "logs:CreateLogGroup",
        "logs:DeleteLogGroup",
        "logs:PutRetentionPolicy",
        "logs:TagResource",
        "logs:UntagResource",
        "scheduler:CreateSchedule",
        "scheduler:CreateScheduleGroup",
        "scheduler:DeleteSchedule",
        "scheduler:DeleteScheduleGroup",
        "scheduler:TagResource",
        "scheduler:UntagResource",
        "scheduler:UpdateSchedule",
        "secretsmanager:CreateSecret",
        "secretsmanager:DeleteSecret",
        "secretsmanager:PutSecretValue",
        "secretsmanager:TagResource",
        "secretsmanager:UntagResource",
        "secretsmanager:UpdateSecret",
        "secretsmanager:UpdateSecretVersionStage",
        "sns:CreateTopic",
        "sns:DeleteTopic",
        "sns:SetTopicAttributes",
        "sns:Subscribe",
        "sns:TagResource",
        "sns:UntagResource",
        "states:CreateStateMachine",
        "states:DeleteStateMachine",
        "states:TagResource",
        "states:UntagResource",
        "states:UpdateStateMachine",
      ]
      Resource = concat(
        local.ours.alarms,
        local.ours.dashboard,
        local.ours.lambda,
        local.ours.logs,
        local.ours.schedules,
        local.ours.secrets,
        local.ours.states,
        local.ours.topic,
      )
    },
    {
      # IAM cannot name a subscription.
      Sid      = "Subscriptions"
      Effect   = "Allow"
      Action   = ["sns:SetSubscriptionAttributes", "sns:Unsubscribe"]
      Resource = ["*"]
    },
  ]

  # AWS takes minutes to notice a new key's tag, so what making a key needs at once is bounded otherwise: by what it is used
  # for, or by its doing no harm. https://docs.aws.amazon.com/kms/latest/developerguide/tag-authorization.html
  apply_keys = [
    {
      Sid       = "MakeKey"
      Effect    = "Allow"
      Action    = ["kms:CreateKey", "kms:TagResource"]
      Resource  = ["*"]
      Condition = { StringEquals = { "aws:RequestTag/project" = var.name } }
    },
    {
      Sid      = "RotateKey"
      Effect   = "Allow"
      Action   = ["kms:EnableKeyRotation"]
      Resource = local.ours.keys
    },
    {
      Sid    = "KeepKey"
      Effect = "Allow"
      Action = [
        "kms:PutKeyPolicy",
        "kms:ScheduleKeyDeletion",
        "kms:TagResource",
        "kms:UntagResource",
        "kms:UpdateKeyDescription",
      ]
      Resource  = local.ours.keys
      Condition = { StringEquals = { "aws:ResourceTag/project" = var.name } }
    },
    {
      # The name is the pipeline's own; any key may be called by it.
      Sid      = "NameKey"
      Effect   = "Allow"
      Action   = ["kms:CreateAlias", "kms:DeleteAlias", "kms:UpdateAlias"]
      Resource = concat(local.ours.alias, local.ours.keys)
    },
    {
      # Never to read the lake.
      Sid      = "UploadCode"
      Effect   = "Allow"
      Action   = ["kms:Decrypt", "kms:GenerateDataKey"]
      Resource = local.ours.keys
      Condition = {
        StringEquals = { "kms:ViaService" = "s3.${var.region}.amazonaws.com" }
        StringLike   = { "kms:EncryptionContext:aws:s3:arn" = local.ours.code }
      }
    },
    {
      Sid      = "WriteSecrets"
      Effect   = "Allow"
      Action   = ["kms:Decrypt", "kms:GenerateDataKey"]
      Resource = local.ours.keys
      Condition = {
        StringEquals = { "kms:ViaService" = "secretsmanager.${var.region}.amazonaws.com" }
        StringLike   = { "kms:EncryptionContext:SecretARN" = local.ours.secrets }
      }
    },
    {
      Sid      = "LendKey"
      Effect   = "Allow"
      Action   = ["kms:CreateGrant"]
      Resource = local.ours.keys
      Condition = {
        StringEquals = { "kms:ViaService" = "rds.${var.region}.amazonaws.com" }
        Bool         = { "kms:GrantIsForAWSResource" = "true" }
      }
    },
  ]

  apply_databases = [
    {
      Sid    = "Warehouse"
      Effect = "Allow"
      Action = [
        "rds:AddTagsToResource",
        "rds:CreateDBInstance",
        "rds:CreateDBParameterGroup",
        "rds:CreateDBSnapshot",
        "rds:CreateDBSubnetGroup",
        "rds:DeleteDBInstance",
        "rds:DeleteDBParameterGroup",
        "rds:DeleteDBSubnetGroup",
        "rds:ModifyDBInstance",
        "rds:ModifyDBParameterGroup",
        "rds:ModifyDBSubnetGroup",
        "rds:RebootDBInstance",
        "rds:RemoveTagsFromResource",
        "rds:ResetDBParameterGroup",
      ]
      Resource = concat(local.ours.databases, ["arn:aws:rds:${var.region}:${local.account}:og:default:*"])
    },
    {
      Sid       = "RolesThatRdsNeeds"
      Effect    = "Allow"
      Action    = ["iam:CreateServiceLinkedRole"]
      Resource  = ["arn:aws:iam::${local.account}:role/aws-service-role/rds.amazonaws.com/*"]
      Condition = { StringEquals = { "iam:AWSServiceName" = "rds.amazonaws.com" } }
    },
    {
      Sid       = "MakeSecurityGroup"
      Effect    = "Allow"
      Action    = ["ec2:CreateSecurityGroup"]
      Resource  = ["arn:aws:ec2:${var.region}:${local.account}:security-group/*"]
      Condition = { StringEquals = { "aws:RequestTag/project" = var.name } }
    },
    {
      Sid      = "InAnyNetwork"
      Effect   = "Allow"
      Action   = ["ec2:CreateSecurityGroup"]
      Resource = ["arn:aws:ec2:${var.region}:${local.account}:vpc/*"]
    },
    {
      Sid    = "TagSecurityGroup"
      Effect = "Allow"
      Action = ["ec2:CreateTags"]
      Resource = [
        "arn:aws:ec2:${var.region}:${local.account}:security-group/*",
        "arn:aws:ec2:${var.region}:${local.account}:security-group-rule/*",
      ]
      Condition = { StringEquals = { "ec2:CreateAction" = ["AuthorizeSecurityGroupIngress", "CreateSecurityGroup"] } }
    },
    {
      Sid    = "RetagSecurityGroup"
      Effect = "Allow"
      Action = ["ec2:CreateTags", "ec2:DeleteTags"]
      Resource = [
        "arn:aws:ec2:${var.region}:${local.account}:security-group/*",
        "arn:aws:ec2:${var.region}:${local.account}:security-group-rule/*",
      ]
      Condition = { StringEquals = { "aws:ResourceTag/project" = var.name } }
    },
    {
      Sid    = "KeepSecurityGroup"
      Effect = "Allow"
      Action = [
        "ec2:AuthorizeSecurityGroupIngress",
        "ec2:DeleteSecurityGroup",
        "ec2:ModifySecurityGroupRules",
        "ec2:RevokeSecurityGroupEgress",
        "ec2:RevokeSecurityGroupIngress",
      ]
      Resource  = ["arn:aws:ec2:${var.region}:${local.account}:security-group/*"]
      Condition = { StringEquals = { "aws:ResourceTag/project" = var.name } }
    },
    {
      # A rule has no tag before it is made; the security group's tag, above, is what counts.
      Sid      = "KeepRules"
      Effect   = "Allow"
      Action   = ["ec2:AuthorizeSecurityGroupIngress", "ec2:ModifySecurityGroupRules", "ec2:RevokeSecurityGroupIngress"]
      Resource = ["arn:aws:ec2:${var.region}:${local.account}:security-group-rule/*"]
    },
  ]
}

locals {
  # The optional distribution of the business report: a new one by the tag that it is made with, any other by its tag. AWS
  # neither names nor tags a key group, a public key or an access control. So of these a deployment may make new ones, which
  # open nothing by themselves, and remove those that no distribution uses, and change none.
  apply_report = [
    {
      Sid       = "MakeDistribution"
      Effect    = "Allow"
      Action    = ["cloudfront:CreateDistribution", "cloudfront:TagResource"]
      Resource  = local.ours.distributions
      Condition = { StringEquals = { "aws:RequestTag/project" = var.name } }
    },
    {
      Sid       = "KeepDistribution"
      Effect    = "Allow"
      Action    = ["cloudfront:DeleteDistribution", "cloudfront:TagResource", "cloudfront:UntagResource", "cloudfront:UpdateDistribution"]
      Resource  = local.ours.distributions
      Condition = { StringEquals = { "aws:ResourceTag/project" = var.name } }
    },
    {
      Sid      = "AccessOfDistribution"
      Effect   = "Allow"
      Action   = ["cloudfront:DeleteOriginAccessControl"]
      Resource = local.ours.access_control
    },
    {
      Sid    = "KeysOfLinks"
      Effect = "Allow"
      Action = [
        "cloudfront:CreateKeyGroup",
        "cloudfront:CreateOriginAccessControl",
        "cloudfront:CreatePublicKey",
        "cloudfront:DeleteKeyGroup",
        "cloudfront:DeletePublicKey",
      ]
      Resource = ["*"]
    },
  ]
}

# Apart, because a policy holds 6,144 characters.
resource "aws_iam_policy" "apply" {
  for_each = {
    for part, statements in {
      pipeline  = local.apply
      keys      = concat(local.apply_keys, [for statement in local.read_secrets : statement if !var.plan_reads_secrets])
      databases = local.apply_databases
      report    = local.apply_report
      catalog   = local.apply_catalog
      redshift  = [for statement in local.apply_redshift : statement if var.warehouse_redshift]
    } : part => statements if length(statements) > 0
  }

  name        = "deploy-${var.name}-apply-${each.key}"
  description = "What terraform apply of ${var.name} may change: ${each.key}"
  policy      = jsonencode({ Version = "2012-10-17", Statement = each.value })
}

resource "aws_iam_role_policy_attachment" "apply" {
  for_each = aws_iam_policy.apply

  role       = aws_iam_role.deploy["apply"].name
  policy_arn = each.value.arn
}
