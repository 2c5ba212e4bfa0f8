# Who in GitHub may take which role. GitHub signs what a job is: of which repository, branch, pull request or environment.
# https://docs.github.com/en/actions/reference/security/oidc

locals {
  issuer       = "token.actions.githubusercontent.com"
  provider_arn = var.github_oidc_provider_arn == null ? aws_iam_openid_connect_provider.github[0].arn : var.github_oidc_provider_arn

  # A job that names an environment is signed as that environment's, whatever its branch; so the environment's own rules
  # say which branches may apply. Pull requests of forks get no token at all.
  subjects = {
    plan  = ["repo:${var.github_repository}:pull_request", "repo:${var.github_repository}:ref:refs/heads/${var.github_branch}"]
    apply = ["repo:${var.github_repository}:environment:${var.github_environment}"]
  }
}

resource "aws_iam_openid_connect_provider" "github" {
  count = var.github_oidc_provider_arn == null ? 1 : 0

  url            = "https://${local.issuer}"
  client_id_list = ["sts.amazonaws.com"]
}

resource "aws_iam_role" "deploy" {
  for_each = local.subjects

  # Not as the pipeline's roles are named, or the role that applies could change itself.
  name                 = "deploy-${var.name}-${each.key}"
  description          = "GitHub Actions of ${var.github_repository}: terraform ${each.key}"
  max_session_duration = 3600

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRoleWithWebIdentity"
      Principal = { Federated = local.provider_arn }
      Condition = {
        StringEquals = {
          "${local.issuer}:aud" = "sts.amazonaws.com"
          "${local.issuer}:sub" = each.value
        }
      }
    }]
  })
}
