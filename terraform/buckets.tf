# The lake's two buckets, the one for the functions' code, the one for the business report, and where queries on the lake are
# asked for, one for their results. AWS completes each name with random characters.

locals {
  buckets = toset(concat(["ingestion", "processed", "code", "report"], local.has_workgroup ? ["queries"] : []))

  # The folders of each lake bucket; their objects are never replaced.
  lake_prefixes = {
    ingestion = ["raw", "log", "requests", "rates", "slices"]
    processed = ["star", "compacted", "state", "quarantine", "log", "slices"]
  }
}

resource "aws_s3_bucket" "this" {
  # checkov:skip=CKV_AWS_18:The lake itself says who wrote what: every manifest names its run. CloudTrail data events are the account's choice
  # checkov:skip=CKV_AWS_144:A copy in another region doubles the cost; the source and the warehouse hold the data too
  # checkov:skip=CKV2_AWS_62:Events are sent where the trigger needs them, in events.tf
  for_each = local.buckets

  bucket_prefix = "${var.name}-${each.key}-"
  force_destroy = !var.protect_data
}

resource "aws_s3_bucket_public_access_block" "this" {
  for_each = local.buckets

  bucket                  = aws_s3_bucket.this[each.key].id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_s3_bucket_versioning" "this" {
  for_each = local.buckets

  bucket = aws_s3_bucket.this[each.key].id

  versioning_configuration {
    status = "Enabled"
  }
}

resource "aws_s3_bucket_server_side_encryption_configuration" "this" {
  for_each = local.buckets

  bucket = aws_s3_bucket.this[each.key].id

  rule {
    # One request to KMS for many objects.
    bucket_key_enabled = true

    apply_server_side_encryption_by_default {
      sse_algorithm     = "aws:kms"
      kms_master_key_id = aws_kms_key.this.arn
    }
  }
}

resource "aws_s3_bucket_policy" "this" {
  for_each = local.buckets

  bucket = aws_s3_bucket.this[each.key].id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = concat(
      [{
        Sid       = "EncryptedConnectionsOnly"
        Effect    = "Deny"
        Principal = "*"
        Action    = "s3:*"
        Resource  = [aws_s3_bucket.this[each.key].arn, "${aws_s3_bucket.this[each.key].arn}/*"]
        Condition = { Bool = { "aws:SecureTransport" = "false" } }
      }],
      # An object of the lake comes into being once and is never replaced, whoever asks. The requests of a multipart upload
      # that create no object yet cannot carry the header; the one that completes it can.
      # https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes-enforce.html
      [for prefixes in [lookup(local.lake_prefixes, each.key, [])] : {
        Sid       = "NoOverwriting"
        Effect    = "Deny"
        Principal = "*"
        Action    = "s3:PutObject"
        Resource  = [for prefix in prefixes : "${aws_s3_bucket.this[each.key].arn}/${prefix}/*"]
        Condition = {
          Null = { "s3:if-none-match" = "true" }
          Bool = { "s3:ObjectCreationOperation" = "true" }
        }
      } if length(prefixes) > 0],
      each.key == "report" ? local.report_readers : [],
    )
  })

  # S3 refuses two changes of a bucket's access at once.
  depends_on = [aws_s3_bucket_public_access_block.this]
}

resource "aws_s3_bucket_lifecycle_configuration" "this" {
  for_each = local.buckets

  bucket = aws_s3_bucket.this[each.key].id

  # What a run that was killed has left of an upload; no run lasts a day.
  rule {
    id     = "abort-incomplete-uploads"
    status = "Enabled"

    filter {}

    abort_incomplete_multipart_upload {
      days_after_initiation = 1
    }
  }

  # The lake has only current versions: one that is not is an object that a person has removed, and may want back. In the
  # code bucket they are earlier releases; in the report's they are pages that a load has made old, up to one every rate; results
  # of queries may be asked for again.
  rule {
    id     = "expire-replaced-versions"
    status = "Enabled"

    filter {}

    noncurrent_version_expiration {
      noncurrent_days = contains(["report", "queries"], each.key) ? 7 : 90
    }
  }

  dynamic "rule" {
    for_each = each.key == "queries" ? ["all"] : []

    content {
      id     = "expire-results"
      status = "Enabled"

      filter {}

      expiration {
        days = 7
      }
    }
  }

  # Where the calls of one run meet, which are done within hours.
  dynamic "rule" {
    for_each = contains(lookup(local.lake_prefixes, each.key, []), "slices") ? ["slices"] : []

    content {
      id     = "expire-slices"
      status = "Enabled"

      filter {
        prefix = "slices/"
      }

      expiration {
        days = 7
      }
    }
  }

  # Data is read once, soon after it was written, and again only when a warehouse is rebuilt. Logs stay at hand.
  dynamic "rule" {
    for_each = setsubtract(lookup(local.lake_prefixes, each.key, []), ["log", "requests", "rates", "slices", "state"])

    content {
      id     = "cheaper-storage-for-${rule.value}"
      status = "Enabled"

      filter {
        prefix = "${rule.value}/"
      }

      transition {
        days          = 90
        storage_class = "STANDARD_IA"
      }
    }
  }

  depends_on = [aws_s3_bucket_versioning.this]
}
