"""One client of a cluster: links to brokers, what is known of the cluster, who we are. It knows nothing of batches."""
