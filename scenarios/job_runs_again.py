"""A job that writes down nothing of its progress dies half-way, and is run again from its beginning.

The second run is a new producer with a new id, and its records are new ones, whatever their bytes: half of the values are in the
log twice, the second time behind the first. A reader that keeps the latest value of each key ends with the same state; one that
counts or adds up does not. This is what a job scheduler does with a failed job unless the job itself knows better.

Kafka's documentation of log compaction, and of idempotence, which is one producer's session long.
"""

from sim import SECOND_US, Application, ClusterConfig, Phase, Scenario, TopicConfig, Workload, after, killed, sent

SCENARIO = Scenario(
    name="job_runs_again",
    question="A job dies half-way and is run again from its beginning: is each value there once?",
    cluster=ClusterConfig(topics=(TopicConfig("orders"),)),
    applications=(
        Application(name="job", workload=Workload(phases=(Phase(every_us=20_000),)), new_life="begins anew"),
    ),
    schedule=(
        after(sent(20, by="job")).kill("job"),
        after(killed("job")).wait(SECOND_US).restart("job"),
    ),
    notes='With new_life="goes on" it knows what it has sent: nothing twice, and perhaps something missing.',
)
