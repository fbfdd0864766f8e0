# Each role may do one thing, and only the service that it is named for may take it.
locals {
  aws_policy = "arn:aws:iam::aws:policy"
  assumed_by = {
    cluster = ["eks.amazonaws.com", ["sts:AssumeRole"]]
    node    = ["ec2.amazonaws.com", ["sts:AssumeRole"]]
    storage = ["pods.eks.amazonaws.com", ["sts:AssumeRole", "sts:TagSession"]]
  }
  trust = { for role, by in local.assumed_by : role => jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Principal = { Service = by[0] }, Action = by[1] }]
  }) }
}

resource "aws_iam_role" "cluster" {
  name               = "${local.name}-cluster"
  assume_role_policy = local.trust.cluster
}

resource "aws_iam_role_policy_attachment" "cluster" {
  role       = aws_iam_role.cluster.name
  policy_arn = "${local.aws_policy}/AmazonEKSClusterPolicy"
}

resource "aws_iam_role" "node" {
  name               = "${local.name}-node"
  assume_role_policy = local.trust.node
}

resource "aws_iam_role_policy_attachment" "node" {
  for_each = toset([
    "AmazonEKSWorkerNodePolicy",
    "AmazonEKS_CNI_Policy",
    "AmazonEC2ContainerRegistryPullOnly",
  ])
  role       = aws_iam_role.node.name
  policy_arn = "${local.aws_policy}/${each.key}"
}

resource "aws_iam_role" "storage" {
  name               = "${local.name}-ebs-csi"
  assume_role_policy = local.trust.storage
}

resource "aws_iam_role_policy_attachment" "storage" {
  role       = aws_iam_role.storage.name
  policy_arn = "${local.aws_policy}/service-role/AmazonEBSCSIDriverPolicy"
}
