output "cluster_name" {
  description = "For `aws eks update-kubeconfig --name`."
  value       = aws_eks_cluster.this.name
}

output "image_repository" {
  description = "Where images go: `docker push`, and the overlays of deploy/kubernetes."
  value       = aws_ecr_repository.this.repository_url
}

output "deploy_role_arn" {
  description = "The role that CircleCI's jobs take; null without `circleci`."
  value       = one([for role in aws_iam_role.deploy : role.arn])
}

output "trusted_proxies" {
  description = "What TEMPERATURE_TRUSTED_PROXIES is behind an ingress controller in this cluster."
  value       = join(",", aws_subnet.private[*].cidr_block)
}

output "database_endpoint" {
  description = "HOST:PORT of the database; null without one."
  value       = one([for database in aws_db_instance.this : database.endpoint])
}

output "database_secret_arn" {
  description = "The secret of Secrets Manager that has the database's user and password; null without one."
  value       = one([for database in aws_db_instance.this : database.master_user_secret[0].secret_arn])
}
