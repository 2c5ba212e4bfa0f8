# A warehouse in Redshift Serverless, where a deployment makes one: rights that are there only where warehouse_redshift says so.
# AWS names namespaces and workgroups by ids of its own, so they are told by their tag.
# https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonredshiftserverless.html

locals {
  ours_of_redshift = {
    serverless = [for kind in ["namespace", "workgroup"] : "arn:aws:redshift-serverless:${var.region}:${local.account}:${kind}/*"]
    copy_role  = ["arn:aws:iam::${local.account}:role/${var.name}-redshift-copy"]
    services   = [for service in ["redshift", "redshift-serverless"] : "${service}.${var.region}.amazonaws.com"]
  }

  read_redshift = [
    {
      # Of any: a new one is read before its tag counts everywhere. No password is among the settings.
      Sid      = "Redshift"
      Effect   = "Allow"
      Action   = ["redshift-serverless:GetNamespace", "redshift-serverless:GetWorkgroup", "redshift-serverless:ListTagsForResource"]
      Resource = local.ours_of_redshift.serverless
    },
    {
      Sid      = "AddressesForRedshift"
      Effect   = "Allow"
      Action   = ["ec2:DescribeAddresses"]
      Resource = ["*"]
    },
  ]

  apply_redshift = [
    {
      Sid       = "MakeRedshift"
      Effect    = "Allow"
      Action    = ["redshift-serverless:CreateNamespace", "redshift-serverless:CreateWorkgroup", "redshift-serverless:TagResource"]
      Resource  = local.ours_of_redshift.serverless
      Condition = { StringEquals = { "aws:RequestTag/project" = var.name } }
    },
    {
      # Asking for a password of the database is not among them.
      Sid    = "KeepRedshift"
      Effect = "Allow"
      Action = [
        "redshift-serverless:DeleteNamespace",
        "redshift-serverless:DeleteWorkgroup",
        "redshift-serverless:TagResource",
        "redshift-serverless:UntagResource",
        "redshift-serverless:UpdateNamespace",
        "redshift-serverless:UpdateWorkgroup",
      ]
      Resource  = local.ours_of_redshift.serverless
      Condition = { StringEquals = { "aws:ResourceTag/project" = var.name } }
    },
    {
      Sid       = "HandRoleToRedshift"
      Effect    = "Allow"
      Action    = ["iam:PassRole"]
      Resource  = local.ours_of_redshift.copy_role
      Condition = { StringEquals = { "iam:PassedToService" = ["redshift-serverless.amazonaws.com", "redshift.amazonaws.com"] } }
    },
    {
      Sid       = "RolesThatRedshiftNeeds"
      Effect    = "Allow"
      Action    = ["iam:CreateServiceLinkedRole"]
      Resource  = ["arn:aws:iam::${local.account}:role/aws-service-role/redshift.amazonaws.com/*"]
      Condition = { StringEquals = { "iam:AWSServiceName" = "redshift.amazonaws.com" } }
    },
    {
      # Through Redshift alone, which asks for them in the name of whoever makes a namespace.
      Sid       = "EncryptRedshift"
      Effect    = "Allow"
      Action    = ["kms:Decrypt", "kms:GenerateDataKey", "kms:RetireGrant"]
      Resource  = local.ours.keys
      Condition = { StringEquals = { "kms:ViaService" = local.ours_of_redshift.services } }
    },
    {
      Sid      = "LendKeyToRedshift"
      Effect   = "Allow"
      Action   = ["kms:CreateGrant"]
      Resource = local.ours.keys
      Condition = {
        StringEquals = { "kms:ViaService" = local.ours_of_redshift.services }
        Bool         = { "kms:GrantIsForAWSResource" = "true" }
      }
    },
  ]
}
