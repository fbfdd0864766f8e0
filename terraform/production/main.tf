terraform {
  required_version = ">= 1.10, < 2.0"
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "5.100.0"
    }
  }
}

provider "aws" {
  region = var.region
  default_tags {
    tags = { service = "temperature-service", environment = "production", managed-by = "terraform" }
  }
}

variable "region" {
  description = "Where it all is."
  type        = string
  default     = "eu-central-1"
}

variable "administrators" {
  description = "ARNs of the IAM roles or users that administer the cluster with kubectl."
  type        = list(string)
}

variable "api_cidrs" {
  description = "Who may reach the cluster's API from outside the VPC; empty: nobody."
  type        = list(string)
  default     = []
}

variable "circleci" {
  description = "The CircleCI organization and project whose jobs may deploy; null: none may."
  type = object({
    organization_id = string
    project_id      = string
    repository      = string
  })
  default = null
}

variable "with_database" {
  description = "Whether there is a PostgreSQL of RDS to mirror readings to."
  type        = bool
  default     = false
}

module "environment" {
  source         = "../modules/environment"
  environment    = "production"
  administrators = var.administrators
  api_cidrs      = var.api_cidrs
  circleci       = var.circleci
  deploy_ref     = "refs/tags/v*"
  cidr           = "10.20.0.0/16"
  instance_types = ["m7i.large", "m7a.large", "m6i.large"]
  database = var.with_database ? {
    instance_class = "db.m7g.large"
    storage_gb     = 100
    multi_az       = true
    backup_days    = 30
  } : null
}

# docs/aws.md: these three feed kubectl and docker.
output "kubeconfig_command" {
  value = "aws eks update-kubeconfig --region ${var.region} --name ${module.environment.cluster_name} --alias production"
}

output "image_repository" {
  value = module.environment.image_repository
}

output "trusted_proxies" {
  value = module.environment.trusted_proxies
}

output "deploy_role_arn" {
  value = module.environment.deploy_role_arn
}

output "database_endpoint" {
  value = module.environment.database_endpoint
}

output "database_secret_arn" {
  value = module.environment.database_secret_arn
}
