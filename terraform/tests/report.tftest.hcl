# The optional distribution of the business report: never public.

mock_provider "aws" {
  source          = "./tests/mocks"
  override_during = plan
}

run "without" {
  command = plan

  assert {
    condition = (
      length(aws_cloudfront_distribution.report) + length(aws_cloudfront_key_group.report) + length(aws_cloudfront_public_key.report) == 0
      && output.report_cloudfront == null && !strcontains(aws_s3_bucket_policy.this["report"].policy, "Allow")
    )
    error_message = "Unless asked for there must be no distribution, and nobody whom the bucket lets in."
  }
}

run "with" {
  command = plan

  variables {
    report_cloudfront = { public_key = "-----BEGIN PUBLIC KEY-----\nMIIB\n-----END PUBLIC KEY-----\n" }
  }

  assert {
    condition = (
      aws_cloudfront_distribution.report[0].default_cache_behavior[0].trusted_key_groups == tolist([aws_cloudfront_key_group.report[0].id])
      && aws_cloudfront_key_group.report[0].items == toset([aws_cloudfront_public_key.report[0].id])
      && aws_cloudfront_public_key.report[0].encoded_key == var.report_cloudfront.public_key
      && length(aws_cloudfront_distribution.report[0].ordered_cache_behavior) == 0
    )
    error_message = "Only links that the given key signed may open anything."
  }

  assert {
    condition = (
      aws_cloudfront_distribution.report[0].default_cache_behavior[0].viewer_protocol_policy == "https-only"
      && aws_cloudfront_distribution.report[0].default_cache_behavior[0].allowed_methods == toset(["GET", "HEAD"])
      && aws_cloudfront_distribution.report[0].default_cache_behavior[0].cache_policy_id == "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"
    )
    error_message = "The page must be served over HTTPS alone, and always the newest."
  }

  assert {
    condition = [for origin in aws_cloudfront_distribution.report[0].origin : "${origin.domain_name} ${origin.origin_access_control_id}"] == [
      "report.s3.eu-west-2.amazonaws.com access"
    ] && aws_cloudfront_origin_access_control.report[0].signing_behavior == "always"
    error_message = "The distribution must read the bucket with requests that it signs."
  }

  assert {
    condition = [
      for statement in jsondecode(aws_s3_bucket_policy.this["report"].policy).Statement : [statement.Principal, statement.Action, statement.Resource, statement.Condition] if statement.Effect == "Allow"
      ] == [[
        { Service = "cloudfront.amazonaws.com" }, "s3:GetObject", ["arn:aws:s3:::report/index.html"],
        { StringEquals = { "aws:SourceArn" = "arn:aws:cloudfront::123456789012:distribution/REPORT" } },
    ]]
    error_message = "The bucket must let this distribution read the page, and nobody else anything."
  }

  assert {
    condition = [
      for statement in jsondecode(aws_kms_key.this.policy).Statement : [statement.Action, statement.Condition] if statement.Principal == { Service = "cloudfront.amazonaws.com" }
    ] == [[["kms:Decrypt"], { StringEquals = { "aws:SourceArn" = "arn:aws:cloudfront::123456789012:distribution/REPORT" } }]]
    error_message = "The key must decrypt for this distribution."
  }

  assert {
    condition     = alltrue([for name in ["ingestion", "processed", "code"] : !strcontains(aws_s3_bucket_policy.this[name].policy, "cloudfront")])
    error_message = "The distribution must reach no other bucket."
  }

  assert {
    condition     = output.report_cloudfront == { url = "https://report.cloudfront.net/index.html", key_pair_id = "key" }
    error_message = "What a link is made of must be told."
  }
}

run "refuses_a_private_key" {
  command = plan

  variables {
    report_cloudfront = { public_key = "-----BEGIN PRIVATE KEY-----\nMIIE\n-----END PRIVATE KEY-----\n" }
  }

  expect_failures = [var.report_cloudfront]
}
