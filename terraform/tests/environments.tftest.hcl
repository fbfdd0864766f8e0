# Both environments, made by a stand-in for AWS: what they have in common, and where they differ. Values that AWS would
# give are made up below in the form that AWS gives them, because the provider looks at it.
mock_provider "aws" {
  mock_data "aws_availability_zones" {
    defaults = { names = ["eu-central-1a", "eu-central-1b", "eu-central-1c"] }
  }
  mock_resource "aws_iam_role" {
    defaults = { arn = "arn:aws:iam::123456789012:role/made" }
  }
  mock_resource "aws_iam_openid_connect_provider" {
    defaults = { arn = "arn:aws:iam::123456789012:oidc-provider/made" }
  }
  mock_resource "aws_kms_key" {
    defaults = { arn = "arn:aws:kms:eu-central-1:123456789012:key/made" }
  }
  mock_resource "aws_eks_cluster" {
    defaults = {
      arn        = "arn:aws:eks:eu-central-1:123456789012:cluster/made"
      vpc_config = { cluster_security_group_id = "sg-cluster" }
    }
  }
  mock_resource "aws_ecr_repository" {
    defaults = {
      arn            = "arn:aws:ecr:eu-central-1:123456789012:repository/made"
      repository_url = "123456789012.dkr.ecr.eu-central-1.amazonaws.com/made"
    }
  }
  mock_resource "aws_launch_template" {
    defaults = { id = "lt-made", latest_version = 3 }
  }
  mock_resource "aws_db_instance" {
    defaults = { endpoint = "made.rds.amazonaws.com:5432", master_user_secret = [{ secret_arn = "arn:aws:secretsmanager:made" }] }
  }
}

variables {
  administrators = ["arn:aws:iam::123456789012:role/administrators"]
}

run "staging" {
  command = plan
  module { source = "../staging" }

  assert {
    condition     = output.kubeconfig_command == "aws eks update-kubeconfig --region eu-central-1 --name temperature-service-staging --alias staging"
    error_message = "The command that makes kubectl know the cluster is another one."
  }
  assert {
    condition     = output.trusted_proxies == "10.30.16.0/20,10.30.32.0/20"
    error_message = "The addresses of pods, and so of an ingress controller, are others."
  }
  assert {
    condition     = output.database_endpoint == null && output.database_secret_arn == null && output.deploy_role_arn == null
    error_message = "A database or a role to deploy is made although nobody asked for one."
  }
}

run "production_with_everything" {
  module { source = "../production" }
  variables {
    with_database = true
    api_cidrs     = ["203.0.113.0/24"]
    circleci = {
      organization_id = "11111111-1111-1111-1111-111111111111"
      project_id      = "22222222-2222-2222-2222-222222222222"
      repository      = "github.com/owner/name"
    }
  }

  assert {
    condition     = output.image_repository == "123456789012.dkr.ecr.eu-central-1.amazonaws.com/made"
    error_message = "The registry's address is not handed out."
  }
  assert {
    condition     = output.trusted_proxies == "10.20.16.0/20,10.20.32.0/20"
    error_message = "Production must not have staging's addresses."
  }
  assert {
    condition     = output.database_endpoint == "made.rds.amazonaws.com:5432" && output.database_secret_arn == "arn:aws:secretsmanager:made"
    error_message = "The database is not handed out."
  }
  assert {
    condition     = output.deploy_role_arn == "arn:aws:iam::123456789012:role/made"
    error_message = "The role for deployments is not handed out."
  }
}

run "environment" {
  module { source = "../modules/environment" }
  variables {
    environment = "production"
    cidr        = "10.20.0.0/16"
    deploy_ref  = "refs/tags/v*"
    database    = { instance_class = "db.m7g.large", storage_gb = 100, multi_az = true, backup_days = 30 }
    circleci = {
      organization_id = "11111111-1111-1111-1111-111111111111"
      project_id      = "22222222-2222-2222-2222-222222222222"
      repository      = "github.com/owner/name"
    }
  }

  assert {
    condition     = aws_eks_node_group.this.scaling_config[0].desired_size == 2 && aws_eks_node_group.this.scaling_config[0].min_size == 2
    error_message = "There must be two nodes."
  }
  assert {
    condition     = aws_eks_node_group.this.subnet_ids == toset([aws_subnet.private[0].id])
    error_message = "Nodes must be in one zone and without public addresses: a volume cannot follow to another zone."
  }
  assert {
    condition     = length(distinct(aws_subnet.private[*].availability_zone)) == 2 && length(distinct(concat(aws_subnet.private[*].cidr_block, aws_subnet.public[*].cidr_block))) == 4
    error_message = "EKS wants subnets in two zones."
  }
  assert {
    condition     = aws_nat_gateway.this.subnet_id == aws_subnet.public[0].id && aws_subnet.public[0].availability_zone == aws_subnet.private[0].availability_zone
    error_message = "The way out must be in the zone of the nodes."
  }
  assert {
    condition     = aws_eks_cluster.this.vpc_config[0].endpoint_public_access == false && aws_eks_cluster.this.vpc_config[0].endpoint_private_access
    error_message = "Without api_cidrs nobody may reach the API from outside."
  }
  assert {
    condition     = aws_eks_cluster.this.access_config[0].authentication_mode == "API" && aws_eks_cluster.this.access_config[0].bootstrap_cluster_creator_admin_permissions == false
    error_message = "Who makes the cluster must not be an administrator by that."
  }
  assert {
    condition     = one(aws_launch_template.node.metadata_options).http_tokens == "required" && one(aws_launch_template.node.metadata_options).http_put_response_hop_limit == 1
    error_message = "Pods must not reach the node's credentials."
  }
  assert {
    condition     = aws_eks_addon.storage.addon_name == "aws-ebs-csi-driver" && jsondecode(aws_eks_addon.storage.configuration_values).defaultStorageClass.enabled
    error_message = "Volumes need EBS's driver, and the cluster a default StorageClass."
  }
  assert {
    condition     = one(aws_eks_addon.storage.pod_identity_association).service_account == "ebs-csi-controller-sa"
    error_message = "The driver must have its role by its service account, not by the node."
  }
  assert {
    condition     = jsondecode(aws_eks_addon.network.configuration_values).enableNetworkPolicy == "true"
    error_message = "NetworkPolicies would not be enforced."
  }
  assert {
    condition = toset(keys(aws_iam_role_policy_attachment.node)) == toset([
      "AmazonEC2ContainerRegistryPullOnly", "AmazonEKSWorkerNodePolicy", "AmazonEKS_CNI_Policy",
    ])
    error_message = "Nodes have other rights than to join, to give addresses and to pull images."
  }
  assert {
    condition = alltrue([for role, service in { cluster = "eks", node = "ec2", storage = "pods.eks" } :
    jsondecode(local.trust[role]).Statement[0].Principal.Service == "${service}.amazonaws.com"])
    error_message = "A role may be taken by another than its service."
  }

  # Least rights: nothing on everything but what knows no resource, nothing with a wildcard, nothing in other namespaces.
  assert {
    condition = alltrue([for statement in jsondecode(aws_iam_role_policy.deploy["this"].policy).Statement :
    statement.Resource != "*" || statement.Action == "ecr:GetAuthorizationToken"])
    error_message = "Deployments may do something to every resource."
  }
  assert {
    condition     = !strcontains(join(",", flatten([for statement in jsondecode(aws_iam_role_policy.deploy["this"].policy).Statement : statement.Action])), "*")
    error_message = "Deployments may do whatever there will be."
  }
  assert {
    condition     = aws_eks_access_policy_association.deploy["this"].access_scope[0].namespaces == toset(["temperature-service"]) && endswith(aws_eks_access_policy_association.deploy["this"].policy_arn, "/AmazonEKSEditPolicy")
    error_message = "Deployments may change more than one namespace."
  }
  assert {
    condition = one(values(jsondecode(aws_iam_role.deploy["this"].assume_role_policy).Statement[0].Condition.StringLike)) == join("/", [
      "org/11111111-1111-1111-1111-111111111111/project/22222222-2222-2222-2222-222222222222",
      "user/????????-????-????-????-????????????/vcs-origin/github.com/owner/name/vcs-ref/refs/tags/v*",
    ])
    error_message = "Other jobs than those of tags of this repository may deploy to production."
  }
  assert {
    condition     = aws_ecr_repository.this.image_tag_mutability == "IMMUTABLE" && aws_ecr_repository.this.image_scanning_configuration[0].scan_on_push && !aws_ecr_repository.this.force_delete
    error_message = "What is rolled back to must be what it was, and is not deleted with the environment."
  }
  assert {
    condition = (aws_db_instance.this["this"].storage_encrypted && aws_db_instance.this["this"].deletion_protection &&
      !aws_db_instance.this["this"].skip_final_snapshot && !aws_db_instance.this["this"].publicly_accessible &&
    aws_db_instance.this["this"].manage_master_user_password && aws_db_instance.this["this"].password == null)
    error_message = "The database must be encrypted, kept, private, and its password must be in no state."
  }
  assert {
    condition     = aws_vpc_security_group_ingress_rule.database["this"].referenced_security_group_id == "sg-cluster" && aws_vpc_security_group_ingress_rule.database["this"].from_port == 5432
    error_message = "Others than the cluster reach the database."
  }
}

run "the_whole_internet_is_refused" {
  command = plan
  module { source = "../modules/environment" }
  variables {
    environment = "staging"
    cidr        = "10.30.0.0/16"
    api_cidrs   = ["0.0.0.0/0"]
    nodes       = 1
  }
  expect_failures = [var.api_cidrs, var.nodes]
}
