# Who may deploy, and what a deployment may touch.

mock_provider "aws" {
  override_during = plan

  mock_data "aws_caller_identity" {
    defaults = { account_id = "123456789012" }
  }

  mock_resource "aws_s3_bucket" {
    defaults = { id = "totes-state-1", arn = "arn:aws:s3:::totes-state-1" }
  }

  mock_resource "aws_iam_openid_connect_provider" {
    defaults = { arn = "arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com" }
  }

  mock_resource "aws_iam_policy" {
    defaults = { arn = "arn:aws:iam::123456789012:policy/mocked" }
  }

  override_resource {
    target = aws_iam_role.deploy["plan"]
    values = { arn = "arn:aws:iam::123456789012:role/deploy-totes-plan" }
  }

  override_resource {
    target = aws_iam_role.deploy["apply"]
    values = { arn = "arn:aws:iam::123456789012:role/deploy-totes-apply" }
  }

  override_resource {
    target = aws_iam_policy.boundary
    values = { arn = "arn:aws:iam::123456789012:policy/totes-boundary" }
  }
}

run "state" {
  command = plan

  assert {
    condition = (
      aws_s3_bucket_versioning.state.versioning_configuration[0].status == "Enabled"
      && one(one(aws_s3_bucket_server_side_encryption_configuration.state.rule).apply_server_side_encryption_by_default).sse_algorithm == "AES256"
      && aws_s3_bucket_public_access_block.state.block_public_acls
      && aws_s3_bucket_public_access_block.state.block_public_policy
      && aws_s3_bucket_public_access_block.state.ignore_public_acls
      && aws_s3_bucket_public_access_block.state.restrict_public_buckets
      && aws_s3_bucket.state.force_destroy == false
    )
    error_message = "The state must be versioned, encrypted, closed to the public and hard to lose."
  }

  assert {
    condition = jsondecode(aws_s3_bucket_policy.state.policy).Statement == [{
      Sid       = "EncryptedConnectionsOnly"
      Effect    = "Deny"
      Principal = "*"
      Action    = "s3:*"
      Resource  = ["arn:aws:s3:::totes-state-1", "arn:aws:s3:::totes-state-1/*"]
      Condition = { Bool = { "aws:SecureTransport" = "false" } }
    }]
    error_message = "The state must be open to encrypted connections alone."
  }

  assert {
    condition = alltrue([
      for rule in aws_s3_bucket_lifecycle_configuration.state.rule :
      rule.status == "Enabled" && rule.noncurrent_version_expiration[0].newer_noncurrent_versions == 20 && length(rule.expiration) == 0
    ])
    error_message = "Earlier versions of the state must go in the end, the last twenty and the current one never."
  }
}

run "trust" {
  command = plan

  assert {
    condition = {
      for role in aws_iam_role.deploy : role.name => [
        for statement in jsondecode(role.assume_role_policy).Statement : [
          statement.Action, statement.Principal.Federated, statement.Condition.StringEquals["token.actions.githubusercontent.com:aud"],
          flatten([statement.Condition.StringEquals["token.actions.githubusercontent.com:sub"]]),
        ]
      ]
      } == {
      deploy-totes-plan = [[
        "sts:AssumeRoleWithWebIdentity",
        "arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com",
        "sts.amazonaws.com",
        ["repo:shop/warehouse:pull_request", "repo:shop/warehouse:ref:refs/heads/main"],
      ]]
      deploy-totes-apply = [[
        "sts:AssumeRoleWithWebIdentity",
        "arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com",
        "sts.amazonaws.com",
        ["repo:shop/warehouse:environment:production"],
      ]]
    }
    error_message = "Jobs of this repository alone may take a role: pull requests and the branch to plan, the environment to apply."
  }

  assert {
    condition     = aws_iam_openid_connect_provider.github[0].url == "https://token.actions.githubusercontent.com" && aws_iam_openid_connect_provider.github[0].client_id_list == toset(["sts.amazonaws.com"])
    error_message = "GitHub must be who signs, for AWS alone."
  }
}

run "plan_reads" {
  command = plan

  assert {
    condition = alltrue([
      for action in flatten(jsondecode(aws_iam_policy.read.policy).Statement[*].Action) :
      can(regex(":(Get|List|Describe|Validate|Decrypt)", action))
    ])
    error_message = "The role that plans must change nothing."
  }

  assert {
    condition     = !strcontains(aws_iam_policy.read.policy, "GetSecretValue")
    error_message = "The role that plans must not read a secret, unless told to."
  }

  assert {
    condition = alltrue([
      for statement in jsondecode(aws_iam_policy.read.policy).Statement :
      alltrue([for resource in statement.Resource : startswith(resource, "arn:aws:s3:::totes-code-") || resource == "arn:aws:s3:::totes-state-1/warehouse.tfstate"])
      if contains(statement.Action, "s3:GetObject")
    ])
    error_message = "The role that plans must read the code and the state, not the lake."
  }

  assert {
    condition = [
      for statement in jsondecode(aws_iam_policy.read.policy).Statement : statement.Sid if contains(statement.Resource, "*")
    ] == ["Lists"]
    error_message = "Only lists that AWS does not narrow may name all resources."
  }

  assert {
    condition     = { for key, attachment in aws_iam_role_policy_attachment.read : key => attachment.role } == { apply = "deploy-totes-apply", plan = "deploy-totes-plan" }
    error_message = "Both roles must read."
  }
}

run "apply_changes" {
  command = plan

  assert {
    condition = [
      for statement in jsondecode(aws_iam_policy.apply["pipeline"].policy).Statement : [statement.Action, statement.Condition]
      if contains(statement.Action, "iam:CreateRole")
      ] == [[
        ["iam:CreateRole", "iam:PutRolePermissionsBoundary", "iam:PutRolePolicy"],
        { StringEquals = { "iam:PermissionsBoundary" = "arn:aws:iam::123456789012:policy/totes-boundary" } },
    ]]
    error_message = "A role may be made, and given rights, within the boundary alone."
  }

  assert {
    condition = !anytrue([
      for action in flatten([for policy in aws_iam_policy.apply : jsondecode(policy.policy).Statement[*].Action]) : contains([
        "iam:AttachRolePolicy",
        "iam:CreatePolicyVersion",
        "iam:CreateUser",
        "iam:DeleteRolePermissionsBoundary",
        "lambda:InvokeFunction",
      ], action) || strcontains(action, "*")
    ])
    error_message = "A deployment must be unable to widen its own rights."
  }

  assert {
    condition = alltrue([
      for statement in flatten([for policy in aws_iam_policy.apply : jsondecode(policy.policy).Statement]) :
      alltrue([for resource in statement.Resource : can(regex(":role/(totes-\\*|aws-service-role/rds\\.amazonaws\\.com/\\*)$", resource))])
      if anytrue([for action in statement.Action : startswith(action, "iam:")])
    ])
    error_message = "A deployment may touch the pipeline's roles, and not the two that deploy."
  }

  assert {
    condition = [
      for statement in jsondecode(aws_iam_policy.apply["pipeline"].policy).Statement : statement.Condition if contains(statement.Action, "iam:PassRole")
    ] == [{ StringEquals = { "iam:PassedToService" = ["lambda.amazonaws.com", "scheduler.amazonaws.com", "states.amazonaws.com"] } }]
    error_message = "A role may be handed to the pipeline's services alone."
  }

  # Keys have no names. What could harm is bounded by the tag, what is needed before AWS knows of the tag by its use.
  assert {
    condition = jsonencode({
      for statement in jsondecode(aws_iam_policy.apply["keys"].policy).Statement : statement.Sid => {
        actions   = sort(statement.Action)
        condition = try(statement.Condition, {})
      }
      }) == jsonencode({
      MakeKey   = { actions = ["kms:CreateKey", "kms:TagResource"], condition = { StringEquals = { "aws:RequestTag/project" = "totes" } } }
      RotateKey = { actions = ["kms:EnableKeyRotation"], condition = {} }
      KeepKey = {
        actions   = ["kms:PutKeyPolicy", "kms:ScheduleKeyDeletion", "kms:TagResource", "kms:UntagResource", "kms:UpdateKeyDescription"]
        condition = { StringEquals = { "aws:ResourceTag/project" = "totes" } }
      }
      NameKey = { actions = ["kms:CreateAlias", "kms:DeleteAlias", "kms:UpdateAlias"], condition = {} }
      UploadCode = {
        actions = ["kms:Decrypt", "kms:GenerateDataKey"]
        condition = {
          StringEquals = { "kms:ViaService" = "s3.eu-west-2.amazonaws.com" }
          StringLike   = { "kms:EncryptionContext:aws:s3:arn" = ["arn:aws:s3:::totes-code-*"] }
        }
      }
      WriteSecrets = {
        actions = ["kms:Decrypt", "kms:GenerateDataKey"]
        condition = {
          StringEquals = { "kms:ViaService" = "secretsmanager.eu-west-2.amazonaws.com" }
          StringLike = { "kms:EncryptionContext:SecretARN" = [
            "arn:aws:secretsmanager:eu-west-2:123456789012:secret:totes-source-*",
            "arn:aws:secretsmanager:eu-west-2:123456789012:secret:totes-warehouse-*",
          ] }
        }
      }
      LendKey = {
        actions   = ["kms:CreateGrant"]
        condition = { StringEquals = { "kms:ViaService" = "rds.eu-west-2.amazonaws.com" }, Bool = { "kms:GrantIsForAWSResource" = "true" } }
      }
      Secrets = {
        actions   = ["secretsmanager:GetSecretValue"]
        condition = {}
      }
      DecryptSecrets = {
        actions = ["kms:Decrypt"]
        condition = {
          StringEquals = { "kms:ViaService" = "secretsmanager.eu-west-2.amazonaws.com" }
          StringLike = { "kms:EncryptionContext:SecretARN" = [
            "arn:aws:secretsmanager:eu-west-2:123456789012:secret:totes-source-*",
            "arn:aws:secretsmanager:eu-west-2:123456789012:secret:totes-warehouse-*",
          ] }
        }
      }
    })
    error_message = "A deployment may touch the pipeline's key alone."
  }

  assert {
    condition = alltrue([
      for statement in flatten([for policy in aws_iam_policy.apply : jsondecode(policy.policy).Statement]) :
      alltrue([for resource in statement.Resource : startswith(resource, "arn:aws:s3:::totes-code-") || endswith(resource, ".tflock")])
      if length(setintersection(statement.Action, ["s3:DeleteObject", "s3:DeleteObjectVersion"])) > 0
    ])
    error_message = "A deployment must be unable to delete the lake's objects or the state."
  }

  assert {
    condition = [
      for statement in flatten([for policy in aws_iam_policy.apply : jsondecode(policy.policy).Statement]) : statement.Sid if contains(statement.Resource, "*")
    ] == ["MakeKey", "Subscriptions", "KeysOfLinks"]
    error_message = "Only a key, which has no name yet, and subscriptions and keys of links, which IAM cannot name, may be any resource."
  }

  assert {
    condition = jsonencode({
      for statement in jsondecode(aws_iam_policy.apply["report"].policy).Statement : statement.Sid => statement.Condition if can(statement.Condition)
      }) == jsonencode({
      MakeDistribution = { StringEquals = { "aws:RequestTag/project" = "totes" } }
      KeepDistribution = { StringEquals = { "aws:ResourceTag/project" = "totes" } }
    })
    error_message = "A deployment may make, change and remove the pipeline's distribution alone."
  }

  assert {
    condition = [
      for action in flatten(jsondecode(aws_iam_policy.apply["report"].policy).Statement[*].Action) : action if strcontains(action, ":Update")
    ] == ["cloudfront:UpdateDistribution"]
    error_message = "A deployment must be unable to change what links others' distributions trust."
  }

  assert {
    condition = toset(flatten(jsondecode(aws_iam_policy.apply["catalog"].policy).Statement[*].Resource)) == toset([
      "arn:aws:athena:eu-west-2:123456789012:workgroup/totes-lake",
      "arn:aws:glue:eu-west-2:123456789012:catalog",
      "arn:aws:glue:eu-west-2:123456789012:database/totes_lake*",
      "arn:aws:glue:eu-west-2:123456789012:table/totes_lake*",
      "arn:aws:glue:eu-west-2:123456789012:userDefinedFunction/totes_lake*",
    ])
    error_message = "A deployment may change the tables and the workgroup of its own lake alone."
  }

  assert {
    condition     = alltrue([for attachment in aws_iam_role_policy_attachment.apply : attachment.role == "deploy-totes-apply"])
    error_message = "The role that plans must not change anything."
  }

  assert {
    condition     = alltrue([for policy in concat(values(aws_iam_policy.apply), [aws_iam_policy.read, aws_iam_policy.boundary]) : length(policy.policy) <= 6144])
    error_message = "IAM takes 6,144 characters for a policy."
  }
}

run "without_redshift" {
  command = plan

  assert {
    condition = !contains(keys(aws_iam_policy.apply), "redshift") && !anytrue([
      for policy in concat(values(aws_iam_policy.apply), [aws_iam_policy.read]) : strcontains(policy.policy, "redshift")
    ])
    error_message = "No role may touch Redshift unless the pipeline's warehouse is there."
  }
}

run "with_redshift" {
  command = plan

  variables {
    warehouse_redshift = true
  }

  assert {
    condition = jsonencode({
      for statement in jsondecode(aws_iam_policy.apply["redshift"].policy).Statement : statement.Sid => statement.Condition
      }) == jsonencode({
      MakeRedshift           = { StringEquals = { "aws:RequestTag/project" = "totes" } }
      KeepRedshift           = { StringEquals = { "aws:ResourceTag/project" = "totes" } }
      HandRoleToRedshift     = { StringEquals = { "iam:PassedToService" = ["redshift-serverless.amazonaws.com", "redshift.amazonaws.com"] } }
      RolesThatRedshiftNeeds = { StringEquals = { "iam:AWSServiceName" = "redshift.amazonaws.com" } }
      EncryptRedshift        = { StringEquals = { "kms:ViaService" = ["redshift.eu-west-2.amazonaws.com", "redshift-serverless.eu-west-2.amazonaws.com"] } }
      LendKeyToRedshift = {
        StringEquals = { "kms:ViaService" = ["redshift.eu-west-2.amazonaws.com", "redshift-serverless.eu-west-2.amazonaws.com"] }
        Bool         = { "kms:GrantIsForAWSResource" = "true" }
      }
    })
    error_message = "Each right must be bound: to the pipeline's tag, to its role, or to Redshift."
  }

  assert {
    condition = {
      for statement in jsondecode(aws_iam_policy.apply["redshift"].policy).Statement : statement.Sid => statement.Resource
      if anytrue([for action in statement.Action : startswith(action, "iam:")])
      } == {
      HandRoleToRedshift     = ["arn:aws:iam::123456789012:role/totes-redshift-copy"]
      RolesThatRedshiftNeeds = ["arn:aws:iam::123456789012:role/aws-service-role/redshift.amazonaws.com/*"]
    }
    error_message = "Only the role that reads the lake may be handed to Redshift."
  }

  assert {
    condition = !anytrue([
      for action in flatten([for policy in concat(values(aws_iam_policy.apply), [aws_iam_policy.read]) : jsondecode(policy.policy).Statement[*].Action]) :
      contains(["redshift-serverless:GetCredentials", "redshift-serverless:RestoreFromSnapshot"], action) || startswith(action, "redshift-data:")
    ])
    error_message = "A deployment must be unable to read the warehouse's rows."
  }

  assert {
    condition     = length(aws_iam_policy.apply["redshift"].policy) <= 6144 && length(aws_iam_policy.read.policy) <= 6144
    error_message = "IAM takes 6,144 characters for a policy."
  }
}

run "boundary" {
  command = plan

  # What the roles of the main configuration do must be possible, and nothing that changes the account.
  assert {
    condition = toset(flatten(jsondecode(aws_iam_policy.boundary.policy).Statement[*].Action)) == toset([
      "ec2:AssignPrivateIpAddresses", "ec2:CreateNetworkInterface", "ec2:DeleteNetworkInterface", "ec2:DescribeNetworkInterfaces",
      "ec2:DescribeSubnets", "ec2:UnassignPrivateIpAddresses", "kms:Decrypt", "kms:GenerateDataKey", "lambda:InvokeFunction",
      "logs:CreateLogStream", "logs:PutLogEvents", "s3:AbortMultipartUpload", "s3:GetObject", "s3:ListBucket", "s3:PutObject",
      "secretsmanager:GetSecretValue", "sns:Publish", "states:DescribeExecution", "states:StartExecution", "states:StopExecution",
    ])
    error_message = "The boundary must hold what the pipeline's roles do, and no more."
  }

  assert {
    condition = [
      for statement in jsondecode(aws_iam_policy.boundary.policy).Statement : statement.Sid if contains(statement.Resource, "*")
    ] == ["Network"]
    error_message = "Only the rights to a network, which AWS does not narrow, may name all resources."
  }

  assert {
    condition = alltrue([
      for statement in jsondecode(aws_iam_policy.boundary.policy).Statement :
      statement.Condition == { StringLike = { "kms:ViaService" = ["s3.*.amazonaws.com", "secretsmanager.*.amazonaws.com", "sns.*.amazonaws.com"] } }
      if contains(statement.Action, "kms:Decrypt")
    ])
    error_message = "A key must serve through the services that the pipeline uses alone."
  }
}

run "outputs" {
  command = plan

  assert {
    condition     = output.state_bucket == "totes-state-1" && output.init_arguments == "-backend-config=bucket=totes-state-1 -backend-config=region=eu-west-2"
    error_message = "The arguments of init must be told."
  }

  assert {
    condition     = output.plan_role_arn == aws_iam_role.deploy["plan"].arn && output.apply_role_arn == aws_iam_role.deploy["apply"].arn && output.permissions_boundary_arn == aws_iam_policy.boundary.arn
    error_message = "The roles and the boundary must be told."
  }
}

run "state_given_up" {
  command = plan

  variables {
    protect_data = false
  }

  assert {
    condition     = aws_s3_bucket.state.force_destroy
    error_message = "With protect_data off, destroy must be able to remove the state."
  }
}

run "provider_given" {
  command = plan

  variables {
    github_oidc_provider_arn = "arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com"
  }

  assert {
    condition     = length(aws_iam_openid_connect_provider.github) == 0 && strcontains(aws_iam_role.deploy["plan"].assume_role_policy, var.github_oidc_provider_arn)
    error_message = "A provider that the account has must be used."
  }
}

run "plan_reads_secrets" {
  command = plan

  variables {
    plan_reads_secrets = true
  }

  assert {
    condition = flatten([
      for statement in jsondecode(aws_iam_policy.read.policy).Statement : statement.Resource if contains(statement.Action, "secretsmanager:GetSecretValue")
      ]) == [
      "arn:aws:secretsmanager:eu-west-2:123456789012:secret:totes-source-*",
      "arn:aws:secretsmanager:eu-west-2:123456789012:secret:totes-warehouse-*",
    ]
    error_message = "Told to, it may read the secrets that the pipeline makes, and no others."
  }
}

run "repository_with_ids" {
  command = plan

  variables {
    github_repository = "shop@123/warehouse@456"
  }

  assert {
    condition     = local.subjects.apply == ["repo:shop@123/warehouse@456:environment:production"] && local.subjects.plan[0] == "repo:shop@123/warehouse@456:pull_request"
    error_message = "GitHub signs newer repositories with the ids of owner and repository."
  }
}

run "refuses_half_the_ids" {
  command = plan

  variables {
    github_repository = "shop@123/warehouse"
  }

  expect_failures = [var.github_repository]
}

run "refuses_another_form" {
  command = plan

  variables {
    name                     = "Totes"
    region                   = "London"
    github_repository        = "warehouse"
    github_branch            = "main branch"
    github_environment       = ""
    github_oidc_provider_arn = "arn:aws:iam::123456789012:oidc-provider/example.com"
  }

  expect_failures = [
    var.name,
    var.region,
    var.github_repository,
    var.github_branch,
    var.github_environment,
    var.github_oidc_provider_arn,
  ]
}

run "refuses_wildcards" {
  command = plan

  variables {
    github_repository  = "shop/*"
    github_branch      = "*"
    github_environment = "prod*"
  }

  expect_failures = [
    var.github_repository,
    var.github_branch,
    var.github_environment,
  ]
}
