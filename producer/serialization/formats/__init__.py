"""The three formats: values and bytes of one parsed schema. Each loads its library when a schema of it comes, and not before."""
