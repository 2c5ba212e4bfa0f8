# The least that a deployment says. All runs of the tests start from it.
alert_emails           = ["team@example.com"]
source_database_url    = "postgres://reader:source-password@source.example.com/totesys"
warehouse_database_url = "postgres://writer:warehouse-password@warehouse.example.com/warehouse"
code_directory         = "tests/code"

# Terraform's test command wants every ephemeral variable named.
warehouse_rds_password      = ""
warehouse_redshift_password = ""
