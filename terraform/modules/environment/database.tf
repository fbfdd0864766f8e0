locals {
  database = var.database == null ? {} : { this = var.database }
}

resource "aws_db_subnet_group" "this" {
  for_each   = local.database
  name       = local.name
  subnet_ids = aws_subnet.private[*].id
}

resource "aws_security_group" "database" {
  for_each    = local.database
  name        = "${local.name}-database"
  description = "PostgreSQL, for the cluster alone"
  vpc_id      = aws_vpc.this.id
}

resource "aws_vpc_security_group_ingress_rule" "database" {
  for_each                     = local.database
  security_group_id            = aws_security_group.database[each.key].id
  referenced_security_group_id = aws_eks_cluster.this.vpc_config[0].cluster_security_group_id
  ip_protocol                  = "tcp"
  from_port                    = 5432
  to_port                      = 5432
}

resource "aws_db_parameter_group" "this" {
  for_each    = local.database
  name_prefix = "${local.name}-"
  family      = "postgres17"
  parameter {
    name  = "rds.force_ssl"
    value = "1"
  }
  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_db_instance" "this" {
  for_each                    = local.database
  identifier                  = local.name
  engine                      = "postgres"
  engine_version              = "17"
  instance_class              = each.value.instance_class
  allocated_storage           = each.value.storage_gb
  max_allocated_storage       = each.value.storage_gb * 5
  storage_type                = "gp3"
  storage_encrypted           = true
  db_name                     = "temperature"
  username                    = "temperature"
  manage_master_user_password = true # in Secrets Manager; it is in no state of terraform
  db_subnet_group_name        = aws_db_subnet_group.this[each.key].name
  parameter_group_name        = aws_db_parameter_group.this[each.key].name
  vpc_security_group_ids      = [aws_security_group.database[each.key].id]
  publicly_accessible         = false
  multi_az                    = each.value.multi_az
  backup_retention_period     = each.value.backup_days
  copy_tags_to_snapshot       = true
  auto_minor_version_upgrade  = true
  deletion_protection         = var.protected
  skip_final_snapshot         = !var.protected
  final_snapshot_identifier   = var.protected ? "${local.name}-last" : null
}
