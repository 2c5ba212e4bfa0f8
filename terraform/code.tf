# The functions' code. A new zip is a new version of its object, and that is what makes Lambda take it.
resource "aws_s3_object" "code" {
  # checkov:skip=CKV_AWS_186:The bucket encrypts every object with the key of kms.tf
  for_each = toset(["ingest", "transform", "load", "verify", "replay", "report", "rates"])

  bucket      = aws_s3_bucket.this["code"].id
  key         = "${each.key}.zip"
  source      = "${var.code_directory}/${each.key}.zip"
  source_hash = filebase64sha256("${var.code_directory}/${each.key}.zip")

  depends_on = [
    aws_s3_bucket_policy.this,
    aws_s3_bucket_server_side_encryption_configuration.this,
    aws_s3_bucket_versioning.this,
  ]
}

locals {
  code = {
    for stage, object in aws_s3_object.code : stage => {
      bucket  = object.bucket
      key     = object.key
      version = object.version_id
      hash    = object.source_hash
    }
  }
}
