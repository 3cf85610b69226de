import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.DescribeClusterOptions;
import org.apache.kafka.clients.admin.DescribeConfigsOptions;
import org.apache.kafka.clients.admin.DescribeConsumerGroupsOptions;
import org.apache.kafka.clients.admin.DescribeTopicsOptions;
import org.apache.kafka.clients.admin.GroupListing;
import org.apache.kafka.clients.admin.ListConsumerGroupOffsetsSpec;
import org.apache.kafka.clients.admin.ListGroupsOptions;
import org.apache.kafka.clients.admin.ListTopicsOptions;
import org.apache.kafka.clients.admin.MemberDescription;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.TopicPartitionReplica;
import org.apache.kafka.common.acl.AclBindingFilter;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.quota.ClientQuotaFilter;
import org.apache.kafka.common.serialization.StringDeserializer;

/**
 * What a user interface of Kafka (kafka-ui, AKHQ, Kafdrop) asks a cluster to draw its pages, in the order of the pages: java
 * UserInterface.java BOOTSTRAP TOPIC GROUP
 *
 * <p>The topic has two partitions with records; the group reads it meanwhile, and has committed offsets. A line a call is
 * printed: its name, a tabulator, and what the answer says, or the name of the error.
 */
public final class UserInterface {
    private interface Call {
        Object answer() throws Exception;
    }

    private final String bootstrap;
    private final String topic;
    private final String group;
    private final Admin admin;

    private UserInterface(String bootstrap, String topic, String group) {
        this.bootstrap = bootstrap;
        this.topic = topic;
        this.group = group;
        this.admin = Admin.create(
            Map.of("bootstrap.servers", bootstrap, "default.api.timeout.ms", 30_000, "client.id", "user-interface"));
    }

    public static void main(String[] arguments) {
        UserInterface pages = new UserInterface(arguments[0], arguments[1], arguments[2]);
        pages.cluster();
        pages.topics();
        pages.groups();
        pages.records();
        pages.admin.close();
    }

    private static <T> T get(KafkaFuture<T> future) throws Exception {
        return future.get(30, TimeUnit.SECONDS);
    }

    private static void say(String name, Call call) {
        String outcome;
        try {
            outcome = String.valueOf(call.answer());
        } catch (ExecutionException error) {
            outcome = error.getCause().getClass().getSimpleName();
        } catch (Exception error) {
            outcome = error.toString();
        }
        System.out.println(name + "\t" + outcome.replace('\n', ' '));
    }

    /** The front page: the nodes, their settings and volumes, and what the cluster can do. */
    private void cluster() {
        var cluster = admin.describeCluster(new DescribeClusterOptions().includeAuthorizedOperations(true));
        say("nodes", () -> get(cluster.nodes()).size() + ", controller " + get(cluster.controller()).id());
        say("cluster id", () -> get(cluster.clusterId()).length() + " characters");
        say("operations on the cluster", () -> get(cluster.authorizedOperations()).size());
        say("settings of the node", () -> {
            var node = new ConfigResource(ConfigResource.Type.BROKER, "0");
            var entries = get(admin.describeConfigs(List.of(node), withEverything()).all()).get(node);
            return entries.get("log.retention.ms") != null && entries.get("log.dirs") != null;
        });
        say("volumes", () -> get(admin.describeLogDirs(List.of(0)).allDescriptions()).get(0).size());
        say("a move to the volume", () -> {
            String volume = get(admin.describeLogDirs(List.of(0)).allDescriptions()).get(0).keySet().iterator().next();
            var replica = new TopicPartitionReplica(topic, 0, 0);
            get(admin.alterReplicaLogDirs(Map.of(replica, volume)).all());
            return get(admin.alterReplicaLogDirs(Map.of(replica, volume + "/other")).all());
        });
        say("what has settings", () -> get(admin.listConfigResources().all()).stream()
            .filter(resource -> resource.type() != ConfigResource.Type.TOPIC || resource.name().equals(topic))
            .map(ConfigResource::toString).sorted().toList());
        say("features", () -> get(admin.describeFeatures().featureMetadata()).supportedFeatures() != null);
        say("quorum", () -> get(admin.describeMetadataQuorum().quorumInfo()).leaderId());
        say("access rules", () -> get(admin.describeAcls(AclBindingFilter.ANY).values()).size());
        say("quotas", () -> get(admin.describeClientQuotas(ClientQuotaFilter.all()).entities()).size());
        say("users", () -> get(admin.describeUserScramCredentials().all()).size());
        say("transactions", () -> get(admin.listTransactions().all()).size());
        say("reassignments", () -> get(admin.listPartitionReassignments().reassignments()).size());
    }

    private static DescribeConfigsOptions withEverything() {
        return new DescribeConfigsOptions().includeSynonyms(true).includeDocumentation(true);
    }

    /** The list of topics, and the page of one. */
    private void topics() {
        say("topics", () -> get(admin.listTopics(new ListTopicsOptions().listInternal(true)).names()).contains(topic));
        say("partitions", () -> {
            var options = new DescribeTopicsOptions().includeAuthorizedOperations(true);
            TopicDescription found = get(admin.describeTopics(List.of(topic), options).allTopicNames()).get(topic);
            boolean isHealthy = found.partitions().stream().allMatch(p -> p.leader().id() == 0 && p.isr().size() == 1);
            return found.partitions().size() + ", healthy " + isHealthy + ", operations " + found.authorizedOperations().size();
        });
        say("settings of the topic", () -> {
            var resource = new ConfigResource(ConfigResource.Type.TOPIC, topic);
            var entry = get(admin.describeConfigs(List.of(resource), withEverything()).all()).get(resource).get("retention.ms");
            return entry.source() + ", synonyms " + !entry.synonyms().isEmpty() + ", documented " + (entry.documentation() != null);
        });
        say("sizes", () -> {
            var volumes = get(admin.describeLogDirs(List.of(0)).allDescriptions()).get(0).values();
            return volumes.stream().flatMap(volume -> volume.replicaInfos().entrySet().stream())
                .filter(replica -> replica.getKey().topic().equals(topic)).filter(replica -> replica.getValue().size() > 0)
                .count();
        });
        say("ends", () -> ends());
    }

    private Map<TopicPartition, Long> ends() throws Exception {
        var places = List.of(new TopicPartition(topic, 0), new TopicPartition(topic, 1));
        var asked = places.stream().collect(Collectors.toMap(place -> place, place -> OffsetSpec.latest()));
        return get(admin.listOffsets(asked).all()).entrySet().stream()
            .collect(Collectors.toMap(Map.Entry::getKey, entry -> entry.getValue().offset(), (a, b) -> a, UserInterface::ordered));
    }

    private static TreeMap<TopicPartition, Long> ordered() {
        return new TreeMap<>((a, b) -> a.toString().compareTo(b.toString()));
    }

    /** The list of groups, and the page of one with its members and lag. */
    private void groups() {
        say("groups", () -> get(admin.listGroups(ListGroupsOptions.forConsumerGroups()).all()).stream()
            .filter(listed -> listed.groupId().equals(group)).map(GroupListing::protocol).toList());
        say("members", () -> {
            var options = new DescribeConsumerGroupsOptions().includeAuthorizedOperations(true);
            var found = get(admin.describeConsumerGroups(List.of(group), options).all()).get(group);
            MemberDescription member = found.members().iterator().next();
            return found.groupState() + ", " + member.clientId() + " at " + member.host() + " has "
                + member.assignment().topicPartitions().size();
        });
        say("lag", () -> {
            var specs = Map.of(group, new ListConsumerGroupOffsetsSpec(), "nobodys", new ListConsumerGroupOffsetsSpec());
            var committed = get(admin.listConsumerGroupOffsets(specs).all()).get(group);
            var ends = ends();
            var lags = ordered();
            committed.forEach((place, offset) -> lags.put(place, ends.get(place) - offset.offset()));
            return lags;
        });
    }

    /** The page of records: from an offset, and from a time. */
    private void records() {
        Map<String, Object> settings = Map.of("bootstrap.servers", bootstrap, "enable.auto.commit", false);
        try (var consumer = new KafkaConsumer<>(settings, new StringDeserializer(), new StringDeserializer())) {
            var place = new TopicPartition(topic, 0);
            consumer.assign(Set.of(place));
            say("place of a time", () -> consumer.offsetsForTimes(Map.of(place, 0L)).get(place).offset());
            say("a record", () -> {
                consumer.seek(place, 1);
                for (int tries = 0; tries < 60; tries++) {
                    var records = consumer.poll(Duration.ofMillis(500));
                    if (!records.isEmpty()) return records.iterator().next().value();
                }
                return "none";
            });
        }
    }
}
