# The optional distribution of the business report: over HTTPS alone, and only with a link that the owner of the private key
# signed. The bucket stays private: this one distribution may read the page.

resource "aws_cloudfront_distribution" "report" {
  # checkov:skip=CKV_AWS_68:A firewall would look at requests that CloudFront refuses already: each needs a signature
  # checkov:skip=CKV2_AWS_47:A firewall would look at requests that CloudFront refuses already: each needs a signature
  # checkov:skip=CKV_AWS_86:Who opened the page is the account's choice, by CloudTrail data events or logging of its own
  # checkov:skip=CKV_AWS_174:The name that CloudFront gives comes with its own certificate, for which it takes no other setting
  # checkov:skip=CKV2_AWS_42:The name that CloudFront gives comes with its own certificate
  # checkov:skip=CKV_AWS_310:There is one page in one bucket; a second origin would need a second copy
  # checkov:skip=CKV2_AWS_32:It has one, of AWS, which is named by its id
  # checkov:skip=CKV_AWS_374:Who may see the page is decided by the link, not by the country
  count = var.report_cloudfront == null ? 0 : 1

  comment             = "The business report of ${var.name}"
  enabled             = true
  is_ipv6_enabled     = true
  http_version        = "http2and3"
  price_class         = "PriceClass_100"
  default_root_object = "index.html"
  # AWS takes some minutes to tell its edges; nothing here depends on that.
  wait_for_deployment = false

  origin {
    origin_id                = "report"
    domain_name              = aws_s3_bucket.this["report"].bucket_regional_domain_name
    origin_access_control_id = aws_cloudfront_origin_access_control.report[0].id
  }

  default_cache_behavior {
    target_origin_id       = "report"
    viewer_protocol_policy = "https-only"
    allowed_methods        = ["GET", "HEAD"]
    cached_methods         = ["GET", "HEAD"]
    trusted_key_groups     = [aws_cloudfront_key_group.report[0].id]
    # Both are AWS's own, and the same in every account: CachingDisabled, since a page is replaced by each load, and
    # SecurityHeadersPolicy. https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/using-managed-cache-policies.html
    cache_policy_id            = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"
    response_headers_policy_id = "67f7725c-6f97-4210-82d7-5512b31e9d03"
  }

  restrictions {
    geo_restriction {
      restriction_type = "none"
    }
  }

  viewer_certificate {
    cloudfront_default_certificate = true
  }
}

resource "aws_cloudfront_origin_access_control" "report" {
  count = var.report_cloudfront == null ? 0 : 1

  name                              = "${var.name}-report"
  description                       = "Lets the distribution read the business report of ${var.name}"
  origin_access_control_origin_type = "s3"
  signing_behavior                  = "always"
  signing_protocol                  = "sigv4"
}

resource "aws_cloudfront_key_group" "report" {
  count = var.report_cloudfront == null ? 0 : 1

  name    = "${var.name}-report-${substr(sha256(var.report_cloudfront.public_key), 0, 8)}"
  comment = "Whose links open the business report of ${var.name}"
  items   = [aws_cloudfront_public_key.report[0].id]

  # A new key makes a new group: the role that deploys may change no group, since IAM cannot tell ours from others.
  lifecycle {
    create_before_destroy = true
    replace_triggered_by  = [aws_cloudfront_public_key.report]
  }
}

resource "aws_cloudfront_public_key" "report" {
  count = var.report_cloudfront == null ? 0 : 1

  name_prefix = "${var.name}-report-"
  comment     = "Signs links to the business report of ${var.name}"
  encoded_key = var.report_cloudfront.public_key

  lifecycle {
    create_before_destroy = true
  }
}

locals {
  # What lets the distribution, and nothing else of CloudFront, read the page and decrypt it.
  report_readers = [
    for distribution in aws_cloudfront_distribution.report : {
      Sid       = "DistributionReadsThePage"
      Effect    = "Allow"
      Principal = { Service = "cloudfront.amazonaws.com" }
      Action    = "s3:GetObject"
      Resource  = ["${aws_s3_bucket.this["report"].arn}/index.html"]
      Condition = { StringEquals = { "aws:SourceArn" = distribution.arn } }
    }
  ]

  report_decryption = [
    for distribution in aws_cloudfront_distribution.report : {
      Sid       = "DistributionDecryptsThePage"
      Effect    = "Allow"
      Principal = { Service = "cloudfront.amazonaws.com" }
      Action    = ["kms:Decrypt"]
      Resource  = "*"
      Condition = { StringEquals = { "aws:SourceArn" = distribution.arn } }
    }
  ]
}
