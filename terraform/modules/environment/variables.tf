variable "environment" {
  description = "What everything is named after: staging, production."
  type        = string
  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,20}$", var.environment))
    error_message = "environment must have 2 to 21 lower case letters, digits and dashes, and begin with a letter."
  }
}

variable "cidr" {
  description = "Addresses of the VPC, a /16. Other environments that it is ever joined with need others."
  type        = string
  validation {
    condition     = can(cidrnetmask(var.cidr)) && endswith(var.cidr, "/16")
    error_message = "cidr must be an IPv4 network with 16 bits, such as 10.20.0.0/16."
  }
}

variable "kubernetes_version" {
  description = "Of the cluster and its nodes; 1.30 or later, because the pod's preStop sleeps without a shell."
  type        = string
  default     = "1.33"
  validation {
    condition     = can(regex("^1\\.[3-9][0-9]$", var.kubernetes_version))
    error_message = "kubernetes_version must be 1.30 or later."
  }
}

variable "api_cidrs" {
  description = "Who may reach the cluster's API from outside the VPC; empty: nobody, it is reached from within alone."
  type        = list(string)
  default     = []
  validation {
    condition     = !contains(var.api_cidrs, "0.0.0.0/0")
    error_message = "api_cidrs must not be the whole internet: name your networks, or those of your continuous integration."
  }
}

variable "administrators" {
  description = "ARNs of the IAM roles or users that administer the cluster with kubectl."
  type        = list(string)
  validation {
    condition     = length(var.administrators) > 0
    error_message = "administrators must name somebody: nobody else may use the cluster, not even who makes it."
  }
}

variable "nodes" {
  description = "How many machines. The service runs on one of them; the second is there when that one goes."
  type        = number
  default     = 2
  validation {
    condition     = var.nodes >= 2
    error_message = "nodes must be 2 or more: with one, each upgrade of it stops the service for minutes."
  }
}

variable "instance_types" {
  description = "Kinds of machine, amd64; the first that is to be had is taken. docs/operating.md says how large."
  type        = list(string)
  default     = ["t3.medium", "t3a.medium"]
}

variable "database" {
  description = "A PostgreSQL of RDS to mirror readings to; null: none. RDS has no TimescaleDB (docs/aws.md)."
  type = object({
    instance_class = string
    storage_gb     = number
    multi_az       = bool
    backup_days    = number
  })
  default = null
}

variable "protected" {
  description = "Whether what holds data refuses to be deleted: the database, and images that are still in the registry."
  type        = bool
  default     = true
}

variable "circleci" {
  description = "The CircleCI project whose jobs may deploy (ids, not names; repository as github.com/OWNER/NAME); null: none."
  type = object({
    organization_id = string
    project_id      = string
    repository      = string
  })
  default = null
}

variable "deploy_ref" {
  description = "Of which branch or tag a job must be that deploys: refs/heads/main, refs/tags/v*."
  type        = string
  default     = "refs/heads/main"
  validation {
    condition     = can(regex("^refs/(heads|tags)/[A-Za-z0-9._/-]+\\*?$", var.deploy_ref))
    error_message = "deploy_ref must begin with refs/heads/ or refs/tags/, and may end in a *."
  }
}
