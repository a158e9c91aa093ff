"""The image of the Dockerfile, built and started by buildah on a machine without a container engine or a registry."""
